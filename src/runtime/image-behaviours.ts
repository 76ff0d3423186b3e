// What containers of known images do, as data. The full runtime, in which images have files and programs, replaces this.

/** What a container does that runs the image's own entry point. */
export interface ImageBehaviour {
  /** Repositories without registry and tag, such as `library/nginx`; one without a slash also matches the last part of any repository. */
  readonly repositories: readonly string[];
  /** Printed to standard output at the start. */
  readonly prints: readonly string[];
  /** Ends with this code after printing; absent: it runs until it is stopped. */
  readonly exits?: number;
  /** The entry point is a shell: it ends with 0 unless standard input is kept open. */
  readonly shell?: boolean;
  /** The exit code after SIGTERM; 0 when absent, as of servers that end in order. */
  readonly terminated?: number;
  /** In bytes; when absent, a size is made up from the name. */
  readonly sizeBytes?: number;
}

export const imageBehaviours: readonly ImageBehaviour[] = [
  {
    repositories: ['library/nginx'],
    prints: [
      '/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration',
      '/docker-entrypoint.sh: Configuration complete; ready for start up',
    ],
    sizeBytes: 72_000_000,
  },
  { repositories: ['library/httpd'], prints: ["AH00094: Command line: 'httpd -D FOREGROUND'"], sizeBytes: 58_000_000 },
  { repositories: ['library/redis'], prints: ['* Ready to accept connections tcp'], sizeBytes: 49_000_000 },
  { repositories: ['library/postgres'], prints: ['LOG:  database system is ready to accept connections'], sizeBytes: 155_000_000 },
  { repositories: ['library/mysql', 'library/mariadb'], prints: ['[Server] ready for connections.'], sizeBytes: 232_000_000 },
  { repositories: ['pause'], prints: [], sizeBytes: 320_000 },
  {
    repositories: ['library/hello-world'],
    prints: ['', 'Hello from Docker!', 'This message shows that your installation appears to be working correctly.', ''],
    exits: 0,
    sizeBytes: 10_072,
  },
  { repositories: ['library/busybox', 'busybox'], prints: [], shell: true, sizeBytes: 2_220_000 },
  { repositories: ['library/alpine'], prints: [], shell: true, sizeBytes: 3_640_000 },
  {
    repositories: ['library/ubuntu', 'library/debian', 'library/fedora', 'library/centos', 'library/bash'],
    prints: [],
    shell: true,
    sizeBytes: 29_000_000,
  },
];

/** The behaviour of an image, by its repository (without registry); the first that matches. */
export function behaviourOf(behaviours: readonly ImageBehaviour[], repository: string): ImageBehaviour | undefined {
  const last = repository.slice(repository.lastIndexOf('/') + 1);
  return behaviours.find(({ repositories }) => repositories.some((one) => one === repository || (one === last && !one.includes('/'))));
}
