package dev.megalodon.trainer.parallel;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.parallel.Operation.Kind;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A chunk group whose ranks have a link each with each. A share of S bytes costs a rank (n − 1) · S
 * bytes out and as many in, and one trip through the network.
 *
 * <p>Messages move in every wait of this rank, those of other collectives included. One thread
 * calls the operations, the one that calls the epoch's collectives.
 */
final class DirectChunkGroup implements ChunkGroup {
  private final int rank;
  private final int size;
  private final PeerWatch watch;
  private final SortedMap<Integer, PeerLink> links; // by position in the group, without this rank
  private long operations;
  private boolean gathering;

  /**
   * Opens the links.
   *
   * @param ranks the group's ranks in the epoch, in the order of their slices; contains {@code own}
   */
  DirectChunkGroup(Transport transport, int own, List<Integer> ranks, PeerWatch watch) {
    this.rank = ranks.indexOf(own);
    this.size = ranks.size();
    this.watch = watch;
    this.links = new TreeMap<>();
    Lane lane = Lane.chunks(size);
    for (int position = 0; position < size; position++) {
      if (position != rank) {
        int peer = ranks.get(position);
        Inbound inbound = transport.inbound(lane, peer);
        Outbound outbound = transport.outbound(lane, peer);
        links.put(position, new PeerLink(peer, outbound, inbound, watch.fence()));
      }
    }
    watch.moveAlways(this::move);
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public PendingGather beginAllGather(Tensor buffer) {
    Operation operation = begin(Kind.CHUNK_GATHER, buffer);
    if (gathering) {
      throw new IllegalStateException("an all-gather is under way: await it before the next");
    }
    if (buffer.size() % size != 0) {
      throw new IllegalArgumentException(
          "%s does not divide into %d equal shares".formatted(buffer, size));
    }
    gathering = true;
    LetterExchange exchange = exchangeShares(buffer.memory());
    move();
    return () -> {
      watch.complete(operation, exchange);
      gathering = false;
    };
  }

  @Override
  public void send(int peer, Tensor message) {
    Operation operation = begin(Kind.CHUNK_MESSAGE, message);
    PeerLink link = link(peer);
    Letter letter = link.post(Kind.CHUNK_MESSAGE, message.memory());
    watch.complete(operation, new LetterExchange(List.of(new LetterExchange.Item(link, letter))));
  }

  @Override
  public void receive(int peer, Tensor message) {
    Operation operation = begin(Kind.CHUNK_MESSAGE, message);
    PeerLink link = link(peer);
    Letter letter = link.expect(Kind.CHUNK_MESSAGE, message.memory());
    watch.complete(operation, new LetterExchange(List.of(new LetterExchange.Item(link, letter))));
  }

  private LetterExchange exchangeShares(MemorySegment memory) {
    long bytes = memory.byteSize() / size;
    MemorySegment own = memory.asSlice(rank * bytes, bytes);
    List<LetterExchange.Item> items = new ArrayList<>();
    links.forEach(
        (position, link) -> {
          MemorySegment share = memory.asSlice(position * bytes, bytes);
          items.add(new LetterExchange.Item(link, link.post(Kind.CHUNK_GATHER, own)));
          items.add(new LetterExchange.Item(link, link.expect(Kind.CHUNK_GATHER, share)));
        });
    return new LetterExchange(items);
  }

  private int move() {
    return PeerLink.moveAll(links.values());
  }

  private Operation begin(Kind kind, Tensor tensor) {
    operations++;
    Operation operation = new Operation(kind, operations);
    watch.requireWhole(operation);
    if (tensor.type() != ElementType.FLOAT32 && tensor.type() != ElementType.FLOAT64) {
      throw new IllegalArgumentException(
          "chunk groups exchange FLOAT32 or FLOAT64, not " + tensor.type());
    }
    return operation;
  }

  private PeerLink link(int peer) {
    return Optional.ofNullable(links.get(peer))
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "rank %d of a chunk group of %d has no link to %d"
                        .formatted(rank, size, peer)));
  }
}
