package dev.megalodon.trainer.verify;

import dev.megalodon.kernels.Device;
import dev.megalodon.trainer.model.BackwardProgress;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.model.MegalodonModel;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.model.ModelWeights;
import dev.megalodon.trainer.model.Recompute;
import dev.megalodon.trainer.model.SequenceShare;
import dev.megalodon.trainer.model.SliceProbe;
import dev.megalodon.trainer.model.SlicedTokens;
import dev.megalodon.trainer.model.TrainingPass;
import dev.megalodon.trainer.parallel.EpochLinks;
import dev.megalodon.trainer.parallel.InMemoryHub;
import dev.megalodon.trainer.parallel.Network;
import dev.megalodon.trainer.parallel.cost.ChunkExchange;
import dev.megalodon.trainer.ranks.LinkedRanks;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * A model whose sequences are shared by ranks, which run as threads here: logits and losses of the
 * slices, every number that crosses from slice to slice, and the gradients of the model's own file.
 * In both ways of exchanging states.
 */
final class ChunkParallelCheck implements GoldenCheck {
  @Override
  public void run(GoldenFile file) throws IOException {
    try (GoldenFile whole = GoldenModel.source(file)) {
      for (ChunkExchange exchange : ChunkExchange.values()) {
        new Sharing(file, whole, exchange).compare();
      }
      file.adopt(whole.deviations());
    }
  }

  /** What one rank has after forward and backward. */
  private record RankResult(
      double[] logits, double loss, Map<String, double[]> gradients, Map<String, double[]> noted) {}

  private static final class Sharing {
    private final GoldenFile file;
    private final GoldenFile whole;
    private final ChunkExchange exchange;
    private final ModelConfig config;
    private final int batch;
    private final List<Integer> lengths;
    private final int[] tokens; // (B, L)
    private final int[] targets; // (B, L)

    Sharing(GoldenFile file, GoldenFile whole, ChunkExchange exchange) throws IOException {
      this.file = file;
      this.whole = whole;
      this.exchange = exchange;
      config = whole.modelConfig();
      batch = whole.dim("tokens", 0);
      lengths = Arrays.stream(file.integers("lengths")).boxed().toList();
      tokens = whole.integers("tokens");
      targets = whole.integers("targets");
    }

    void compare() throws IOException {
      List<RankResult> results = runAll();
      List<double[]> logits = results.stream().map(RankResult::logits).toList();
      double[] joined = SlicedTokens.join(logits, batch, lengths, config.vocabSize());
      file.expect("logits", joined, Quantity.LOGITS);
      double[] losses = results.stream().mapToDouble(RankResult::loss).toArray();
      file.expect("rank_loss_sum", losses, Quantity.OPERATION);
      for (String parameter : results.getFirst().gradients().keySet()) {
        List<double[]> parts = results.stream().map(r -> r.gradients().get(parameter)).toList();
        whole.expect("grad." + parameter, SlicedTokens.sum(parts), Quantity.GRADIENT);
      }
      for (int rank = 0; rank < results.size(); rank++) {
        for (Map.Entry<String, double[]> noted : results.get(rank).noted().entrySet()) {
          file.expect("rank" + rank + "." + noted.getKey(), noted.getValue(), Quantity.BLOCK);
        }
      }
    }

    private List<RankResult> runAll() throws IOException {
      InMemoryHub hub = new InMemoryHub();
      List<Network> networks =
          IntStream.range(0, lengths.size())
              .<Network>mapToObj(rank -> hub.member("rank-" + rank))
              .toList();
      try {
        return LinkedRanks.run(networks, this::runRank);
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException("the ranks did not finish: " + e, e);
      }
    }

    private RankResult runRank(EpochLinks links) throws IOException {
      SequenceShare share = new SequenceShare(links.chunkGroup(lengths.size()), lengths, exchange);
      int rank = share.group().rank();
      try (Device own = file.anotherDevice()) {
        SliceProbe probe = new SliceProbe(own, config);
        Device device = probe.device();
        FlatTensors parameters = FlatTensors.allocate(device, GoldenModel.layout(device, config));
        FlatTensors gradients = FlatTensors.allocate(device, GoldenModel.layout(device, config));
        whole.loadParameters(parameters);
        MegalodonModel model =
            new MegalodonModel(device, device, config, ModelWeights.of(config, parameters));
        TrainingPass pass =
            new TrainingPass(
                model, ModelWeights.of(config, gradients), batch, share, Recompute.NONE);
        int[] inputs = SlicedTokens.of(tokens, batch, lengths, rank);
        int[] wanted = SlicedTokens.of(targets, batch, lengths, rank);
        pass.loss(inputs, wanted);
        double[] logits = device.transfer().toDoubles(pass.logits());
        double scale = 1.0 / tokens.length;
        double loss = pass.accumulate(inputs, wanted, scale, BackwardProgress.IGNORED);
        Map<String, double[]> byName = new TreeMap<>();
        gradients.byName().forEach((name, g) -> byName.put(name, device.transfer().toDoubles(g)));
        return new RankResult(logits, loss, byName, probe.numbers());
      }
    }
  }
}
