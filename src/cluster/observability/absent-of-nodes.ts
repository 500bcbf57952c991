import { type Absences, ofParts } from './absent-metrics.ts'

const noManager = 'processors and memory are shared by all pods here: nothing is given to one alone'
const noReconstruction = 'what a pod has mounted is read from the machine itself, and removed with the pod'
const noEvents = 'events of the runtime are taken when they come, and lists are compared beside them'

export const absentOfKubelet: Absences = {
  ...ofParts,
  dra_resource_claims_in_use: 'which claims are used where is told by their status',
  'force_cleaned_failed_volume_*': noReconstruction,
  'kubelet_cpu_manager_*': noManager,
  'kubelet_memory_manager_*': noManager,
  'kubelet_memory_qos_*': 'memory is limited, and not reserved, by control groups here',
  'kubelet_topology_manager_*': noManager,
  'kubelet_evented_pleg_*': noEvents,
  kubelet_pleg_discard_events: 'a change wakes the worker of its pod: there is no queue that could overflow',
  kubelet_pleg_pod_relist_duration_seconds: 'a pod is looked at by its worker: kubelet_pod_worker_duration_seconds',
  'kubelet_graceful_shutdown_*': 'the kubelet does not hold up the end of its machine',
  'kubelet_imagemanager_inmemory_*': 'all records are in memory as well, without a limit',
  kubelet_lifecycle_handler_http_fallbacks_total: 'hooks are asked by the scheme that they name, and no other',
  'kubelet_orphan_pod_cleaned_volumes*': noReconstruction,
  kubelet_pod_level_resources_admission_total: 'whether a pod is admitted does not depend on where its resources stand',
  kubelet_pod_watch_events_dropped_total: 'no event of a pod is dropped: each only marks the pod for a look',
  kubelet_restarted_pods_total: 'a static pod that changes has another uid',
  kubelet_volume_metric_collection_duration_seconds: 'volumes are measured when they are asked for, by statfs',
  'reconstruct_volume_*': noReconstruction,
  'workqueue_*': 'of upstream’s dynamic certificates; pods have a worker each, and no queue',
}

const notByRuntime = 'neither the runtime nor the control group of a container tells it'
const noTopology = 'the shape of a machine is nobody’s business here: pods share its processors'
export const absentOfCadvisor: Absences = {
  cadvisor_version_info: 'there is no cAdvisor',
  'container_cpu_cfs_burst_*': 'limits are given without bursts',
  'container_fs_inodes_*': 'of the machine’s disk: kubelet_volume_stats_* and the summary tell of disks',
  'container_fs_io_*': notByRuntime,
  container_fs_limit_bytes: 'the size of the machine’s disk, which every container would tell alike',
  container_fs_read_seconds_total: notByRuntime,
  container_fs_reads_merged_total: notByRuntime,
  'container_fs_sector_*': 'bytes are told instead: container_fs_reads_bytes_total, container_fs_writes_bytes_total',
  container_fs_write_seconds_total: notByRuntime,
  container_fs_writes_merged_total: notByRuntime,
  container_health_state: 'probes tell it: prober_probe_total',
  'container_memory_events_*': 'container_memory_failcnt and container_oom_events_total tell it',
  'container_memory_file_*': notByRuntime,
  'container_memory_pg*': notByRuntime,
  'container_memory_workingset_*': notByRuntime,
  container_spec_memory_reservation_limit_bytes: 'memory is limited, and not reserved, by control groups here',
  container_spec_memory_swap_limit_bytes: 'containers get no swap',
  container_ulimits_soft: notByRuntime,
  machine_cpu_books: noTopology,
  machine_cpu_drawers: noTopology,
  machine_cpu_physical_cores: noTopology,
  machine_cpu_sockets: noTopology,
  'machine_nvm_*': noTopology,
}

const noSwap = 'containers get no swap'
export const absentOfResources: Absences = {
  'container_swap_*': noSwap,
  pod_swap_usage_bytes: noSwap,
}

export const absentOfProbes: Absences = {}

export const absentOfProxy: Absences = { ...ofParts }
