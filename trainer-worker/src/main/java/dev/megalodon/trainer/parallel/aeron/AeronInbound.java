package dev.megalodon.trainer.parallel.aeron;

import dev.megalodon.trainer.parallel.Inbound;
import dev.megalodon.trainer.parallel.LinkState;
import dev.megalodon.trainer.parallel.Traffic;
import io.aeron.Subscription;
import io.aeron.logbuffer.ControlledFragmentHandler;
import io.aeron.logbuffer.ControlledFragmentHandler.Action;
import io.aeron.logbuffer.Header;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** Receives by handing out messages where they lie in the log buffer: no copy, no assembly. */
final class AeronInbound implements Inbound, ControlledFragmentHandler {
  private final Subscription subscription;
  private final Traffic traffic;
  private LinkState state = LinkState.CONNECTING;
  private @Nullable Handler handler;

  AeronInbound(Subscription subscription, Traffic traffic) {
    this.subscription = subscription;
    this.traffic = traffic;
  }

  @Override
  public int poll(Handler target, int limit) {
    handler = target;
    try {
      return subscription.controlledPoll(this, limit);
    } finally {
      handler = null;
    }
  }

  @Override
  public Action onFragment(DirectBuffer buffer, int offset, int length, Header header) {
    Handler target = handler;
    if (target == null) {
      return Action.ABORT;
    }
    traffic.received(length);
    // A handler that throws must leave the message consumed, hence not ABORT on its account.
    boolean more = target.onMessage(NativeMemory.ALL, buffer.addressOffset() + offset, length);
    return more ? Action.CONTINUE : Action.BREAK;
  }

  @Override
  public LinkState state() {
    boolean connected = subscription.imageCount() > 0;
    if (connected && state == LinkState.CONNECTING) {
      state = LinkState.OPEN;
    } else if (subscription.isClosed() || !connected && state == LinkState.OPEN) {
      state = LinkState.CLOSED;
    }
    return state;
  }

  void close() {
    subscription.close();
  }
}
