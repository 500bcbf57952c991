/**
 * Where we answer otherwise than upstream, and why: by `profile: sequence #position` (or the whole sequence, without the
 * position).
 */
const paths = 'paths with empty, relative or encoded segments are refused, so that what is authorized is what is read'

export const excuses: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [3, 4, 5, 6, 11, 13, 18, 19, 20, 21, 22, 23, 29].map((at) => [`usual: slashes and percents #${at}`, paths]),
  ),
  'usual: conditional requests #19': 'an empty answer of a type that Go does not tell',
  'usual: a watch list in other forms #3': 'a bookmark as a table has no cells here, there those of an empty object',
  'limits: other origins #60': 'what is no request tells of its origin all the same',
  'without fairness: no place #13':
    'paths that are no resource’s are counted together, for anybody can think of another one',
  'usual: slashes and percents #12': 'a slash more is no other path of health',
  'usual: slashes and percents #15': 'a slash more is no other document',
  'usual: slashes and percents #26': 'what is no path is refused by a Status',
  'usual: slashes and percents #27': 'what is no path is refused by a Status',
}
