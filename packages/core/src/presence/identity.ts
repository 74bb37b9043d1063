/** Which daemon process speaks, and which of its announcements this is. Only our own daemons say so. */
export interface Identity {
  /** Random for each start of a daemon. */
  readonly instance: string;
  /** Greater for a later start on the same host: that host's wall clock, raised above whatever it found announced. */
  readonly incarnation: number;
  /** Greater for a later announcement of the same instance. */
  readonly sequence: number;
}
