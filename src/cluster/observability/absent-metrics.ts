/** Names of upstream's that are not served, and why; a name that ends in * stands for all that begin so. */
export type Absences = Readonly<Record<string, string>>

const noGo = 'Go’s runtime, TLS and X.509 tell these; there is none here'
const ownCollector = 'upstream’s metrics framework counts itself'
const validatedOnce = 'declared and hand-written validation never both judge a field here'

/** Of every part. */
const everywhere: Absences = {
  'go_*': noGo,
  cardinality_enforcement_unexpected_categorizations_total: ownCollector,
  disabled_metrics_total: ownCollector,
  hidden_metrics_total: ownCollector,
  registered_metrics_total: ownCollector,
  apiserver_webhooks_x509_insecure_sha1_total: noGo,
  apiserver_webhooks_x509_missing_san_total: noGo,
  apiserver_kube_aggregator_x509_insecure_sha1_total: noGo,
  apiserver_kube_aggregator_x509_missing_san_total: noGo,
  'apiserver_validation_*': validatedOnce,
  'informer_*': 'informers hand events on at once; work queues, which are measured, follow',
  'apiserver_storage_data_key_generation_*': 'of keys for KMS plugins: told where one is configured',
  apiserver_storage_envelope_transformation_cache_misses_total: 'as above',
  apiserver_envelope_encryption_dek_cache_fill_percent: 'as above',
}

const ofClients: Absences = {
  'rest_client_exec_plugin_*': 'no part takes its credentials from an exec plugin',
  rest_client_rate_limiter_duration_seconds: 'clients are not limited by themselves; priority and fairness does that',
  'rest_client_transport_*': 'connections are kept per server, without a cache of transports',
}

const onlyLinked = 'of the API server, whose code upstream’s parts are linked with'
export const ofParts: Absences = {
  ...everywhere,
  ...ofClients,
  kubernetes_feature_enabled: 'a part alone has no gates: features are turned on and off at the API server',
  aggregator_discovery_aggregation_count_total: onlyLinked,
  'apiserver_audit_*': onlyLinked,
}

export const absentOfControllers: Absences = {
  ...ofParts,
  'apiserver_cel_*': onlyLinked,
  replicaset_controller_stale_sync_skips_total: 'a sync that is ahead of its cache waits, and is not skipped',
}

const noBatches = 'of upstream’s opportunistic batching: here each pod is scheduled by itself'
export const absentOfScheduler: Absences = {
  ...ofParts,
  'scheduler_batch_*': noBatches,
  scheduler_get_node_hint_duration_seconds: noBatches,
  scheduler_store_schedule_results_duration_seconds: noBatches,
  'workqueue_*': 'of upstream’s dynamic certificates; the scheduler has a queue of its own',
}

const noRounds = 'of upstream’s queueing by rounds; here queues go by virtual time of seats alone'
const notSampled = 'upstream samples it every millisecond that something changes; demand_seats_* tell it by ten seconds'
export const absentOfApiServer: Absences = {
  ...everywhere,
  apiserver_admission_step_admission_duration_seconds_summary:
    'its quantiles follow from apiserver_admission_step_admission_duration_seconds',
  apiserver_current_inqueue_requests: 'apiserver_flowcontrol_current_inqueue_requests tells it by level',
  apiserver_flowcontrol_demand_seats: notSampled,
  apiserver_flowcontrol_current_r: noRounds,
  apiserver_flowcontrol_dispatch_r: noRounds,
  apiserver_flowcontrol_latest_s: noRounds,
  apiserver_flowcontrol_next_discounted_s_bounds: noRounds,
  apiserver_flowcontrol_next_s_bounds: noRounds,
  apiserver_flowcontrol_priority_level_request_utilization: notSampled,
  apiserver_flowcontrol_priority_level_seat_utilization: notSampled,
  apiserver_flowcontrol_read_vs_write_current_requests: notSampled,
  apiserver_flowcontrol_request_queue_length_after_enqueue:
    'apiserver_flowcontrol_current_inqueue_requests tells how many wait',
  apiserver_flowcontrol_watch_count_samples: 'a write takes the same seats however many watch',
  apiserver_nodeport_repair_reconcile_errors_total:
    'which ports are taken follows from the services: nothing to repair',
  apiserver_request_timestamp_comparison_time: 'upstream removes it again',
  apiserver_watch_events_dispatch_duration_seconds: 'a clock read per event and watch costs more than the dispatch',
  'authentication_token_cache_*':
    'its own tokens are verified from memory; told where an issuer or a webhook is configured',
  etcd_bookmark_total: 'the store tells its progress all the time',
  etcd_lease_object_counts: 'engines keep times to live by themselves',
  'grpc_client_*': 'of upstream’s client of etcd; etcd_request_duration_seconds tells what was asked',
  'rest_client_*': 'the server asks itself without a wire, which apiserver_selfrequest_total counts',
}
