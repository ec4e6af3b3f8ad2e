package dev.megalodon.trainer.parallel.aeron;

import dev.megalodon.trainer.parallel.LinkState;
import dev.megalodon.trainer.parallel.MessageHeader;
import dev.megalodon.trainer.parallel.Outbound;
import dev.megalodon.trainer.parallel.Traffic;
import io.aeron.ExclusivePublication;
import io.aeron.logbuffer.BufferClaim;
import java.lang.foreign.MemorySegment;

/** Sends by writing messages straight into the log buffer that the driver transmits. */
final class AeronOutbound implements Outbound {
  private static final int ALIGNMENT = 64;

  private final ExclusivePublication publication;
  private final Traffic traffic;
  private final BufferClaim claim = new BufferClaim();
  private final int capacity;
  private LinkState state = LinkState.CONNECTING;

  AeronOutbound(ExclusivePublication publication, Traffic traffic) {
    this.publication = publication;
    this.traffic = traffic;
    int payload = publication.maxPayloadLength() - MessageHeader.BYTES;
    this.capacity = payload / ALIGNMENT * ALIGNMENT;
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public boolean offer(MessageHeader header, MemorySegment source, long offset, int length) {
    if (publication.tryClaim(MessageHeader.BYTES + length, claim) <= 0) {
      return false;
    }
    long address = claim.buffer().addressOffset() + claim.offset();
    header.write(NativeMemory.ALL, address);
    MemorySegment.copy(source, offset, NativeMemory.ALL, address + MessageHeader.BYTES, length);
    claim.commit();
    traffic.sent(MessageHeader.BYTES + length);
    return true;
  }

  @Override
  public LinkState state() {
    boolean connected = publication.isConnected();
    if (connected && state == LinkState.CONNECTING) {
      state = LinkState.OPEN;
    } else if (publication.isClosed() || !connected && state == LinkState.OPEN) {
      state = LinkState.CLOSED;
    }
    return state;
  }

  void close() {
    publication.close();
  }
}
