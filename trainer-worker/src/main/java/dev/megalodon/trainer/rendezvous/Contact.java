package dev.megalodon.trainer.rendezvous;

import dev.megalodon.crds.contract.AbsentRank;
import dev.megalodon.trainer.parallel.Ticker;
import java.net.SocketTimeoutException;
import java.util.List;

/**
 * Whether a member hears rank 0, and since when it does not. The listening thread writes, any
 * thread may ask.
 */
final class Contact {
  private final Ticker ticker;
  private volatile State state;
  private volatile boolean needed = true;

  /** All there is to know, replaced as a whole. */
  private record State(
      boolean live, long incarnation, AbsentRank.Cause cause, String reason, long since) {}

  /** Rank 0 was never heard. */
  Contact(Ticker ticker) {
    this.ticker = ticker;
    this.state =
        new State(
            false, 0, AbsentRank.Cause.NEVER_JOINED, "it has not answered yet", ticker.nanos());
  }

  /** This incarnation of rank 0 has given this member its seat. */
  void found(long incarnation) {
    state = new State(true, incarnation, AbsentRank.Cause.ENDED, "", ticker.nanos());
  }

  /** Rank 0 cannot be heard, or still not; how it was lost first is what counts. */
  void lost(Exception error) {
    String reason = String.valueOf(error.getMessage());
    State before = state;
    state =
        before.live()
            ? new State(false, before.incarnation(), cause(error), reason, ticker.nanos())
            : new State(false, before.incarnation(), before.cause(), reason, before.since());
  }

  /** This member's work is done, or it may not go on: it waits for nobody any more. */
  void over() {
    needed = false;
  }

  /** Rank 0, if this member waits for it. Of the others rank 0 knows more. */
  List<AbsentRank> absent() {
    State seen = state;
    if (seen.live() || !needed) {
      return List.of();
    }
    double seconds = (ticker.nanos() - seen.since()) / 1e9;
    String sentence = "rank 0 cannot be reached: " + seen.reason();
    return List.of(new AbsentRank(0, seen.incarnation(), seen.cause(), sentence, seconds));
  }

  private static AbsentRank.Cause cause(Exception error) {
    return error.getCause() instanceof SocketTimeoutException
        ? AbsentRank.Cause.SILENT
        : AbsentRank.Cause.ENDED;
  }
}
