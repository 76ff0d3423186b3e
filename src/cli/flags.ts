// The command line.

/** What the command line says, as text. */
export type Flags = Readonly<Record<string, string | undefined>>;
