/** The parameters of operations: type and a short text. */
export interface Parameter {
  readonly type: 'string' | 'integer' | 'boolean'
  readonly description: string
}

const text = (description: string): Parameter => ({ type: 'string', description })
const number = (description: string): Parameter => ({ type: 'integer', description })
const flag = (description: string): Parameter => ({ type: 'boolean', description })

export const queryParameters: Readonly<Record<string, Parameter>> = {
  allowWatchBookmarks: flag('Send BOOKMARK events in a watch.'),
  command: text('A command and its arguments; not run in a shell.'),
  container: text('The name of a container; may be left out when there is only one.'),
  continue: text('The token of the next page, from the metadata of the one before.'),
  dryRun: text('"All": go through all stages but store nothing.'),
  fieldManager: text('The name of who makes the change.'),
  fieldSelector: text('Only objects with these fields.'),
  fieldValidation: text('What to do about unknown or duplicate fields: Ignore, Warn or Strict.'),
  follow: flag('Keep sending what is logged.'),
  force: flag('Take over fields that others manage; for apply patches.'),
  gracePeriodSeconds: number('Seconds before the object is deleted; zero means at once.'),
  ignoreStoreReadErrorWithClusterBreakingPotential: flag(
    'Delete although the stored data cannot be read. May break the cluster.',
  ),
  insecureSkipTLSVerifyBackend: flag("Do not verify the serving certificate of the node's kubelet."),
  labelSelector: text('Only objects with these labels.'),
  limit: number('At most so many objects in an answer.'),
  limitBytes: number('At most so many bytes of the log.'),
  orphanDependents: flag('Deprecated: use propagationPolicy.'),
  path: text('The path below the proxied one.'),
  ports: number('The ports to forward.'),
  pretty: text("'true': print the answer indented."),
  previous: flag("The log of the container's last run."),
  propagationPolicy: text('What becomes of dependents: Orphan, Background or Foreground.'),
  resourceVersion: text('Which version to serve from.'),
  resourceVersionMatch: text('How resourceVersion is applied: Exact or NotOlderThan.'),
  sendInitialEvents: flag('Begin a watch with the present state.'),
  shardSelector: text('Only objects of a shard.'),
  sinceSeconds: number('Only what was logged in the last so many seconds.'),
  stderr: flag('Redirect standard error.'),
  stdin: flag('Redirect standard input.'),
  stdout: flag('Redirect standard output.'),
  stream: text('Which stream of the log: All, Stdout or Stderr.'),
  tailLines: number('Only so many lines from the end of the log.'),
  timeoutSeconds: number('End a list or watch after so many seconds.'),
  timestamps: flag('Begin each line with its time.'),
  tty: flag('Allocate a terminal.'),
  watch: flag('Watch instead of list.'),
}

export const pathParameters: Readonly<Record<string, string>> = {
  namespace: 'The namespace of the object.',
  path: 'The path below the proxied one.',
}
