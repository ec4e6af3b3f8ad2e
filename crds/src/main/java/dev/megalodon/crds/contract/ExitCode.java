package dev.megalodon.crds.contract;

import java.util.Arrays;
import java.util.Optional;

/**
 * What a worker process ends with. Numbers follow sysexits where one fits: 64–74 and 76–78 are
 * permanent (the same job would end so again), 75 is leaving on notice, everything else is worth a
 * retry.
 */
public enum ExitCode {
  /** The final step is done and its checkpoint is committed. */
  COMPLETE(0, Verdict.DONE),
  /** An error nobody foresaw; retried. */
  UNEXPECTED(1, Verdict.RETRY),
  /** The peers or the network failed for longer than the worker may wait; retried. */
  PEERS_LOST(3, Verdict.RETRY),
  /** The job's spec cannot be run as it is. */
  BAD_SPEC(64, Verdict.PERMANENT),
  /** The data is not what the spec says (empty, not text, too short). */
  BAD_DATA(65, Verdict.PERMANENT),
  /** A file or folder the job names is not there or cannot be read. */
  MISSING_INPUT(66, Verdict.PERMANENT),
  /** The device or a native library that the job asks for cannot start here. */
  DEVICE_UNAVAILABLE(69, Verdict.PERMANENT),
  /** No checkpoint can be written or read: full disk, read-only or corrupt. */
  CHECKPOINT_FAILED(74, Verdict.PERMANENT),
  /** Left on notice (SIGTERM, superseded by a newer incarnation); never charged. */
  LEFT_ON_NOTICE(75, Verdict.UNCHARGED),
  /** A rank cannot reproduce the numerics the job was started with. */
  NUMERICS_MISMATCH(76, Verdict.PERMANENT);

  /** What an exit means for the job. */
  public enum Verdict {
    /** The worker's work is over. */
    DONE,
    /** Replace the worker and charge the restart budget. */
    RETRY,
    /** Replace the worker; the budget is not charged. */
    UNCHARGED,
    /** Fail the job with the worker's own message. */
    PERMANENT
  }

  private final int code;
  private final Verdict verdict;

  ExitCode(int code, Verdict verdict) {
    this.code = code;
    this.verdict = verdict;
  }

  /** The process's exit status, 0 to 255. */
  public int code() {
    return code;
  }

  /** The known exit code with this status, if there is one. */
  public static Optional<ExitCode> of(int code) {
    return Arrays.stream(values()).filter(known -> known.code == code).findFirst();
  }

  /** What an exit status means, known or not: signals and unknown codes are worth a retry. */
  public static Verdict verdict(int code) {
    boolean permanentRange = code >= 64 && code <= 78;
    return of(code)
        .map(known -> known.verdict)
        .orElse(permanentRange ? Verdict.PERMANENT : Verdict.RETRY);
  }
}
