const values: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, true])),
  ...Object.fromEntries(['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => [text, false])),
}

/** What Go's strconv.ParseBool makes of a text; what is no boolean becomes its complaint. */
export function parseGoBoolean(text: string): boolean | string {
  return Object.hasOwn(values, text)
    ? values[text]!
    : `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`
}
