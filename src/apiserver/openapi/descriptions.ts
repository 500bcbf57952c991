/**
 * What `kubectl explain` says of the members that every object has, by definition and member ('' is the definition itself),
 * in our own words.
 */
export const descriptions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta': {
    '': 'ObjectMeta is what every stored object carries beside its own content: its name, its labels, its history.',
    annotations:
      'Annotations hold whatever tools and people wish to note; nothing is selected by them. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations',
    creationTimestamp:
      'CreationTimestamp is a timestamp that the server sets, in UTC and RFC 3339, when it makes the object. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
    deletionGracePeriodSeconds:
      'How many seconds the object has from its deletion to its removal. Set together with deletionTimestamp; read-only.',
    deletionTimestamp:
      'DeletionTimestamp is when the object is to be gone, at the earliest. The server sets it when a deletion was asked for; finalizers may hold the object longer.',
    finalizers: 'Names that must all be taken away, each by its owner, before a deleted object is removed.',
    generateName:
      'The beginning of a name that the server completes, when no name is given. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#idempotency',
    generation: 'Counts the changes of what is wished of the object. Set by the server; read-only.',
    labels:
      'Labels are keys and values by which objects are grouped and selected. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels',
    managedFields:
      'Which manager set which fields through which version, so that appliers do not overwrite each other.',
    name: 'Name is what the object is called; unique among objects of its kind in its namespace, and never changed. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
    namespace:
      'Namespace is the space within which the name is unique; objects of the whole cluster have none. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces',
    ownerReferences: 'Objects that this one depends on: when the last of them is gone, it is collected.',
    resourceVersion:
      'An opaque mark of this state of the object, for optimistic writes and for watches. Set by the server. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#concurrency-control-and-consistency',
    selfLink: 'SelfLink is not set any more.',
    uid: 'UID tells this object from all others in time and space, even those of the same name. Set by the server. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#uids',
  },
}
