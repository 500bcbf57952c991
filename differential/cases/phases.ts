import { kindName, type Declared } from '../objects.ts'
import type { Phase } from './case.ts'
import { customResourceCases } from './custom-resources.ts'
import { createCases, createMutationCases } from './creates.ts'
import { deleteCases, deleteCollectionCases, dryDeleteCases } from './deletes.ts'
import { documentCases } from './documents.ts'
import { metadataCases } from './metadata.ts'
import { patchCases } from './patches.ts'
import { protocolCases } from './protocol.ts'
import { readCases } from './reads.ts'
import { setupCases } from './setup.ts'
import { scaleCases, statusCases, statusMutationCases } from './subresources.ts'
import { updateMutationCases } from './updates.ts'

/** All cases, in the order in which they can run. */
export function allPhases(objects: readonly Declared[]): readonly Phase[] {
  const firsts = [...Map.groupBy(objects, ({ facts }) => kindName(facts)).values()].map(([first]) => first!)
  const richest = [...Map.groupBy(objects, ({ facts }) => kindName(facts)).values()].map((each) => each[1] ?? each[0]!)
  return [
    { name: 'setup', cases: setupCases, inOrder: true },
    // Before custom kinds come.
    { name: 'documents', cases: documentCases },
    { name: 'creates', cases: createCases(objects), inOrder: true },
    { name: 'custom resources', cases: customResourceCases, inOrder: true },
    { name: 'invalid creates', cases: [...createMutationCases(objects), ...metadataCases(firsts)] },
    { name: 'updates', cases: [...updateMutationCases(objects), ...patchCases(richest), ...dryDeleteCases(firsts)] },
    { name: 'states', cases: statusCases(objects), inOrder: true },
    { name: 'changes of states', cases: [...statusMutationCases(objects), ...scaleCases(objects)] },
    { name: 'reads', cases: [...readCases(firsts, objects), ...protocolCases] },
    { name: 'deletions', cases: [...deleteCollectionCases(firsts), ...deleteCases(objects)], inOrder: true },
  ]
}
