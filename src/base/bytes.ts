/**
 * Bytes over memory that no other thread has: `Uint8Array<ArrayBuffer>`, for declarations that are also
 * read by a TypeScript before 5.7, in which that type takes no argument.
 */
export type OwnBytes = ReturnType<Uint8Array["slice"]>;
