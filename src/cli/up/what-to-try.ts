/** Printed once a cluster is ready. */
export const whatToTry = `
Try:
  kubectl get nodes,pods -A
  kubectl create deployment web --image nginx --replicas 3
  kubectl expose deployment web --port 80 --type NodePort
  skiff image load FILE.tar     # images that no registry has
  skiff status                  # and skiff logs, skiff down
`
