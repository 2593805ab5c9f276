/**
 * The part of the broker's port that carries letters: bytes from one process of an application to another that
 * is known by name. The comments are its specification; `test/broker/mailboxes.contract.ts` checks every
 * implementation against them.
 */

export interface OpenMailbox {
  /** As `BrokerSubscription.ready`: settled when nothing posted from now on will be missed. */
  readonly ready: Promise<void>;
  /** Nothing is delivered any more, from this call on. Calling again does nothing. */
  close(): void;
}

export interface Mailboxes {
  /**
   * Opens a mailbox of this process. A name may be open several times, here and elsewhere: each gets every
   * letter. Names are 1 to 64 letters, digits, `_` and `-`.
   *
   * Letters arrive at most once, and those of one sender in the order in which they were posted. What is posted
   * while the engine or the way to it is away never comes, and nobody is told: who needs to know asks for an
   * answer. The bytes may be those that were posted, or share memory with others: they are not to be changed.
   */
  open(name: string, deliver: (letter: Uint8Array) => void): OpenMailbox;

  /**
   * Posts a letter; what it is made of must not change any more.
   * @returns how many the engine handed it to, as far as it knows, where all that one broker object has open
   * under the name may count as one. 0: nobody has it, so that a process that died is known to be gone at once
   * @throws BrokerUnavailableError, BrokerClosedError (reject); the letter may have been handed over all the same
   */
  post(name: string, letter: Uint8Array): Promise<number>;
}
