import type { MalformedBody } from './case.fixture.ts'
import { jsonBodies } from './json.fixture.ts'
import { applyBodies, jsonPatchBodies, mergePatchBodies, strategicPatchBodies } from './patch.fixture.ts'
import { protobufBodies } from './protobuf.fixture.ts'
import { yamlBodies } from './yaml.fixture.ts'

export const malformed: readonly MalformedBody[] = [
  ...jsonBodies,
  ...yamlBodies,
  ...protobufBodies,
  ...jsonPatchBodies,
  ...mergePatchBodies,
  ...strategicPatchBodies,
  ...applyBodies,
]
