/** Where we answer otherwise than upstream, and why: reasons, and the sequences and positions that each explains. */
const reasons: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {
  'a slash more is no other path': {
    'usual: GET of odd paths': [0],
    'usual: DELETE of odd paths': [0],
    'usual: POST of odd paths': [0],
  },
  'nothing is told of the insides of the server': {
    'usual: GET of odd paths': [4, 5, 6],
    'usual: DELETE of odd paths': [4, 5, 6],
    'usual: POST of odd paths': [4, 5, 6],
    'usual: GET of the server’s paths': [1, 2, 3, 4, 5, 6, 7],
    'usual: HEAD of the server’s paths': [1, 2, 3, 4, 5, 6],
    'usual: odd paths as nobody': [4],
    'usual: DELETE of the server’s paths': [1, 2, 3, 4, 5, 6],
    'usual: POST of the server’s paths': [1, 2, 3, 4, 5, 6],
    'usual: PATCH of the server’s paths': [1, 2, 3, 4, 5, 6],
    'usual: OPTIONS of the server’s paths': [1, 2, 3, 4, 5, 6],
    'usual: PUT of the server’s paths': [1, 2, 3, 4, 5, 6],
    'usual: the server’s paths as nobody': [2, 3],
  },
  'paths with relative segments are refused, so that what is authorized is what is read': {
    'usual: GET of odd paths': [13],
    'usual: DELETE of odd paths': [13],
    'usual: POST of odd paths': [13],
    'usual: odd paths as nobody': [13],
  },
  'what is not there is told without a Status': {
    'usual: GET of odd paths': [31],
    'usual: DELETE of odd paths': [31],
    'usual: POST of odd paths': [31],
  },
  'what names no resource is not there, which is no fault of the server': {
    'usual: GET of odd paths': [52, 53],
    'usual: DELETE of odd paths': [52, 53],
    'usual: POST of odd paths': [52, 53],
    'usual: odd paths as nobody': [52, 53],
  },
  'the level of a request to nothing is told': {
    'usual: GET of odd paths': [55],
    'usual: DELETE of odd paths': [55],
    'usual: POST of odd paths': [55],
    'usual: odd paths as nobody': [55],
  },
  'metrics are not reset': {
    'usual: DELETE of the server’s paths': [0],
    'usual: metrics that are reset': [0],
  },
  'a bookmark as a table has no cells here, there those of an empty object': {
    'usual: everything as application/json;as=Table;v=v1beta1;g=meta.k8s.io': [10],
  },
}

export const excuses: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(reasons).flatMap(([reason, sequences]) =>
    Object.entries(sequences).flatMap(([key, positions]) => positions.map((at) => [`${key} #${at}`, reason])),
  ),
)
