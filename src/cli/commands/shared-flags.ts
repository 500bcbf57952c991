import { stringFlag } from '../command/flags.ts'

/** Flags that several commands have. */
export const dataDirFlag = stringFlag(
  'The folder of the cluster, its data and its logs (default: $SKIFF_DATA_DIR or ~/.local/share/skiff).',
  { placeholder: 'DIR' },
)
export const kubeconfigFlag = stringFlag('Also write the kubeconfig to this file, and leave ~/.kube/config alone.', {
  placeholder: 'FILE',
})
