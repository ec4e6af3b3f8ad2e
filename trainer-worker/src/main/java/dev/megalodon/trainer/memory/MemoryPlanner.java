package dev.megalodon.trainer.memory;

import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.gemm.VectorGemm;
import dev.megalodon.trainer.model.FlatLayout;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.model.MegalodonModel;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.model.ModelWeights;
import dev.megalodon.trainer.model.SequenceShare;
import dev.megalodon.trainer.model.TrainingPass;
import dev.megalodon.trainer.parallel.ChunkGroup;
import dev.megalodon.trainer.parallel.aeron.AeronSettings;
import dev.megalodon.trainer.parallel.cost.ChunkExchange;
import dev.megalodon.trainer.training.TrainingState;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Tells what a rank will need. The same code that allocates for training runs here, on a device
 * without memory, so that the answer follows the code.
 */
public final class MemoryPlanner {
  /** AdamW keeps two. */
  private static final long MOMENTS = 2;

  /** A rank writes to one neighbour of a ring and reads from the other. */
  private static final long LINKS = 2;

  private MemoryPlanner() {}

  /** Bytes of one rank, without the JVM. */
  public static MemoryPlan plan(MemoryRequest request) {
    Map<MemoryItem, Long> bytes = new EnumMap<>(MemoryItem.class);
    bytes.putAll(activations(request));
    bytes.putAll(states(request));
    bytes.put(MemoryItem.PACKING, VectorGemm.packingBytes(request.threads(), deepest(request)));
    return new MemoryPlan(bytes);
  }

  private static Map<MemoryItem, Long> states(MemoryRequest request) {
    NumberTypes types = request.types();
    FlatLayout layout =
        TrainingState.layout(request.model(), request.ranks(), types.parameter().bytes());
    long elements = layout.elements();
    long shard = elements / request.ranks();
    long master = types.hasMasterCopies() ? shard * types.accumulation().bytes() : 0;
    long moments = MOMENTS * shard * types.accumulation().bytes();
    long parameters = elements * types.parameter().bytes();
    return Map.of(
        MemoryItem.PARAMETERS,
        parameters,
        MemoryItem.GRADIENTS,
        elements * types.gradient().bytes(),
        MemoryItem.MASTER,
        master,
        MemoryItem.MOMENTS,
        moments,
        MemoryItem.BUDDY,
        request.buddies() * (master + moments),
        MemoryItem.SNAPSHOT,
        master + moments + (request.rank() == 0 ? parameters : 0),
        MemoryItem.WIRE,
        request.ranks() == 1 ? 0 : rings(request) * LINKS * AeronSettings.linkBytes());
  }

  /** All ranks are one ring; those that share a sequence are one more. */
  private static long rings(MemoryRequest request) {
    return request.chunkParallel() == 1 ? 1 : 2;
  }

  private static Map<MemoryItem, Long> activations(MemoryRequest request) {
    ModelConfig config = request.model();
    Ledger ledger = new Ledger();
    CountingDevice states = new CountingDevice(request.types(), bytes -> {});
    CountingDevice device = new CountingDevice(request.types(), ledger::book);
    FlatLayout layout = TrainingState.layout(config, 1, request.types().gradient().bytes());
    ModelWeights weights = ModelWeights.of(config, FlatTensors.allocate(states, layout));
    MegalodonModel model = new MegalodonModel(device, device, config, weights);
    SequenceShare share =
        new SequenceShare(
            new FirstOfGroup(request.chunkParallel()),
            request.sliceLengths(),
            ChunkExchange.ALL_GATHER);
    new TrainingPass(model, weights, request.microSequences(), share, request.recomputation());
    return ledger.bytes();
  }

  /** The first rank of a group that never meets: enough to allocate for it. */
  private record FirstOfGroup(int size) implements ChunkGroup {
    @Override
    public int rank() {
      return 0;
    }

    @Override
    public PendingGather beginAllGather(Tensor buffer) {
      throw new UnsupportedOperationException("nobody else is there");
    }

    @Override
    public void send(int peer, Tensor message) {
      throw new UnsupportedOperationException("nobody else is there");
    }

    @Override
    public void receive(int peer, Tensor message) {
      throw new UnsupportedOperationException("nobody else is there");
    }
  }

  /** Steps that a rank works on at once, all sequences together. */
  private static long tokens(MemoryRequest request) {
    return (long) request.microSequences() * request.sliceLength();
  }

  /** The longest sum in any matrix product: over the steps, or over a width. */
  private static long deepest(MemoryRequest request) {
    ModelConfig config = request.model();
    return LongStream.of(
            tokens(request), config.vocabSize(), config.ffnHiddenDim(), config.valueDim())
        .max()
        .getAsLong();
  }
}
