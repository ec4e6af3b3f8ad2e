package dev.megalodon.trainer.rendezvous;

import dev.megalodon.trainer.parallel.Activity;
import dev.megalodon.trainer.parallel.Endpoint;

/** What members and the coordinator tell each other; one frame each. */
sealed interface Message {
  /** Member: its protocol version and a number the coordinator has to answer to. */
  record Hello(int version, String nonce) implements Message {}

  /** Coordinator: which incarnation of rank 0 it is, proved, and a number to answer to. */
  record Challenge(int version, long incarnation, String nonce, String proof) implements Message {}

  /** Member: who it is, proved. */
  record Join(
      String jobUid, int rank, long incarnation, String specDigest, Endpoint endpoint, String proof)
      implements Message {}

  /** Coordinator: the member may not join, or not stay. */
  record Refused(Refusal refusal, String reason) implements Message {}

  /** Coordinator: the member has its seat. */
  record Accepted() implements Message {}

  /**
   * Member: it is free for an epoch after the last one it was in.
   *
   * @param reason why it is not in that epoch any more; empty if it was in none
   * @param holding what state it has to go on from, for {@link ResumeDecider}; empty for none
   */
  record Ready(EpochId lastSeen, String reason, String holding) implements Message {}

  /** Coordinator: what is missing for the next epoch. */
  record Waiting(String reason) implements Message {}

  /** Coordinator: the epoch begins. */
  record Open(EpochId epoch, Roster roster, String resume) implements Message {}

  /** Coordinator: the epoch is over before the work is. */
  record Abort(EpochId epoch, Loss loss) implements Message {}

  /** Member: it leaves on purpose. */
  record Leave(String reason) implements Message {}

  /** Member: its work is done. */
  record Done(EpochId epoch) implements Message {}

  /** Coordinator: everyone's work is done. */
  record AllDone(EpochId epoch) implements Message {}

  /** Coordinator: the process is alive. */
  record Heartbeat() implements Message {}

  /** Member: the process is alive, and this is what the thread that trains does. */
  record Alive(Activity activity) implements Message {}

  /** Why a member may not join, or not stay. */
  enum Refusal {
    /** A newer incarnation of its rank exists; it has to exit. */
    SUPERSEDED,
    /** Its job spec is not the coordinator's. */
    OTHER_SPEC,
    /** It belongs to another job. */
    OTHER_JOB,
    /** The job has no such rank. */
    NO_SUCH_RANK,
    /** Its proof is wrong: another secret. */
    UNPROVEN,
    /** It speaks another version of the protocol. */
    OTHER_VERSION
  }
}
