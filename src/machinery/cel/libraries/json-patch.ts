import type { Library } from '../environment.ts'
import { overload } from '../function.ts'
import { stringType } from '../type.ts'

/** apiserver pkg/cel/library/jsonpatch.go. */
export const jsonPatchLibrary: Library = {
  functions: [
    {
      name: 'jsonpatch.escapeKey',
      overloads: [
        overload('string_jsonpatch_escapeKey_string', [stringType], stringType, (text: string) =>
          text.replace(/[~/]/g, (char) => (char === '/' ? '~1' : '~0')),
        ),
      ],
    },
  ],
}
