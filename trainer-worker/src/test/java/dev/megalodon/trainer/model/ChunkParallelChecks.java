package dev.megalodon.trainer.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.cpu.CpuDevice;
import dev.megalodon.kernels.reference.ReferenceDevice;
import dev.megalodon.trainer.golden.Comparison;
import dev.megalodon.trainer.golden.Fixture;
import dev.megalodon.trainer.golden.TestDevice;
import dev.megalodon.trainer.golden.TestDevice.Quantity;
import dev.megalodon.trainer.golden.Tolerance;
import dev.megalodon.trainer.parallel.EpochLinks;
import dev.megalodon.trainer.parallel.Mesh;
import dev.megalodon.trainer.parallel.Network;
import dev.megalodon.trainer.parallel.SequenceSlice;
import dev.megalodon.trainer.parallel.cost.ChunkExchange;
import dev.megalodon.trainer.ranks.LinkedRanks;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Fixtures of whole models and their training, computed by ranks that share the sequences. */
final class ChunkParallelChecks {
  /** The ranks that the fixtures are computed by, as far as they have a chunk for each. */
  private static final int MOST_RANKS = 5;

  /** Where the ranks of a check meet. */
  @FunctionalInterface
  interface Networks {
    /** One network per rank; the check does not close them. */
    List<Network> open(int ranks) throws Exception;
  }

  /** FLOAT64 and FLOAT32, on one thread: every rank has a device of its own. */
  enum Precision {
    /** The oracle, to the fixtures' last digits. */
    REFERENCE(TestDevice.REFERENCE),
    /** Single precision, to the fixtures' tolerances for it. */
    CPU(TestDevice.CPU_VECTOR);

    private final TestDevice tolerances;

    Precision(TestDevice tolerances) {
      this.tolerances = tolerances;
    }

    Device open() {
      return this == REFERENCE ? new ReferenceDevice() : new CpuDevice(1);
    }

    Tolerance tolerance(Quantity quantity) {
      return tolerances.tolerance(quantity);
    }
  }

  private final Networks networks;
  private final Precision precision;
  private final ChunkExchange exchange;

  ChunkParallelChecks(Networks networks, Precision precision, ChunkExchange exchange) {
    this.networks = networks;
    this.precision = precision;
    this.exchange = exchange;
  }

  /** What one rank has after forward and backward. */
  private record RankResult(
      double[] logits, double loss, Map<String, double[]> gradients, Map<String, double[]> noted) {
    double[] gradient(String parameter) {
      return Objects.requireNonNull(gradients.get(parameter), parameter);
    }
  }

  /** A fixture with its slices: every number of every rank that it holds. */
  void checkSlices(String name) throws Exception {
    try (Fixture fixture = Fixture.open(name)) {
      String source = fixture.config().get("params_from").textValue();
      try (Fixture whole = Fixture.open(source.replace(".safetensors", ""))) {
        List<Integer> lengths = Arrays.stream(fixture.integers("lengths")).boxed().toList();
        List<RankResult> results = run(whole, lengths);
        Comparison comparison = new Comparison();
        compareWhole(comparison, whole, results, lengths);
        double[] losses = results.stream().mapToDouble(RankResult::loss).toArray();
        int tokens = whole.integers("tokens").length;
        double[] means = scaled(losses, 1.0 / tokens);
        double[] expected = scaled(fixture.numbers("rank_loss_sum"), 1.0 / tokens);
        comparison.add("rank_loss_sum", expected, means, precision.tolerance(Quantity.LOSS));
        for (int rank = 0; rank < results.size(); rank++) {
          compareNoted(comparison, fixture, "rank" + rank + ".", results.get(rank).noted());
        }
        comparison.assertClose();
      }
    }
  }

  private static double[] scaled(double[] values, double factor) {
    return Arrays.stream(values).map(value -> value * factor).toArray();
  }

  private void compareNoted(
      Comparison comparison, Fixture fixture, String prefix, Map<String, double[]> noted)
      throws IOException {
    for (Map.Entry<String, double[]> entry : noted.entrySet()) {
      double[] expected = fixture.numbers(prefix + entry.getKey());
      Tolerance tolerance = precision.tolerance(Quantity.BLOCK);
      comparison.add(prefix + entry.getKey(), expected, entry.getValue(), tolerance);
    }
  }

  /** A model's logits, loss and gradients, by every number of ranks that it has chunks for. */
  void checkModel(String name) throws Exception {
    try (Fixture fixture = Fixture.open(name)) {
      int length = fixture.dim("tokens", 1);
      for (List<Integer> lengths : slicings(name, fixture.modelConfig(), length)) {
        Comparison comparison = new Comparison();
        compareWhole(comparison, fixture, run(fixture, lengths), lengths);
        comparison.assertClose();
      }
    }
  }

  /** The slices of 1, 2, … ranks, of which there are no more than chunks. */
  private static List<List<Integer>> slicings(String name, ModelConfig config, int length) {
    int chunks = Math.ceilDiv(length, config.chunkSize());
    if (chunks < MOST_RANKS) {
      System.out.printf("%s: up to %d ranks, one for each chunk%n", name, chunks);
    }
    return IntStream.rangeClosed(1, Math.min(chunks, MOST_RANKS))
        .mapToObj(
            ranks ->
                Mesh.of(ranks, ranks).slices(length, config.chunkSize()).stream()
                    .map(SequenceSlice::length)
                    .toList())
        .toList();
  }

  private void compareWhole(
      Comparison comparison, Fixture fixture, List<RankResult> results, List<Integer> lengths)
      throws IOException {
    int batch = fixture.dim("tokens", 0);
    int vocabulary = fixture.modelConfig().vocabSize();
    List<double[]> logits = results.stream().map(RankResult::logits).toList();
    comparison.add(
        "logits",
        fixture.numbers("logits"),
        SlicedTokens.join(logits, batch, lengths, vocabulary),
        precision.tolerance(Quantity.LOGITS));
    double loss = results.stream().mapToDouble(RankResult::loss).sum();
    int tokens = fixture.integers("tokens").length;
    comparison.add(
        "loss", fixture.number("loss"), loss / tokens, precision.tolerance(Quantity.LOSS));
    for (String name : results.getFirst().gradients().keySet()) {
      comparison.add(
          name,
          fixture.numbers("grad." + name),
          SlicedTokens.sum(results.stream().map(result -> result.gradient(name)).toList()),
          precision.tolerance(Quantity.MODEL_GRADIENT));
    }
  }

  private List<RankResult> run(Fixture fixture, List<Integer> lengths) throws Exception {
    return LinkedRanks.run(
        networks.open(lengths.size()), links -> runRank(fixture, lengths, links));
  }

  private RankResult runRank(Fixture fixture, List<Integer> lengths, EpochLinks links)
      throws IOException {
    ModelConfig config = fixture.modelConfig();
    int batch = fixture.dim("tokens", 0);
    SequenceShare share = new SequenceShare(links.chunkGroup(lengths.size()), lengths, exchange);
    int rank = share.group().rank();
    try (Device inner = precision.open()) {
      SliceProbe probe = new SliceProbe(inner, config);
      Device device = probe.device();
      FlatLayout layout = FlatLayout.of(config, 1, device.elementType().bytes(), 1 << 15);
      FlatTensors parameters = FlatTensors.allocate(device, layout);
      FlatTensors gradients = FlatTensors.allocate(device, layout);
      fixture.loadParameters("", device, parameters);
      MegalodonModel model =
          new MegalodonModel(device, device, config, ModelWeights.of(config, parameters));
      TrainingPass pass =
          new TrainingPass(model, ModelWeights.of(config, gradients), batch, share, Recompute.NONE);
      int[] tokens = SlicedTokens.of(fixture.integers("tokens"), batch, lengths, rank);
      int[] targets = SlicedTokens.of(fixture.integers("targets"), batch, lengths, rank);
      double scale = 1.0 / fixture.integers("tokens").length;
      pass.loss(tokens, targets);
      double[] logits = device.transfer().toDoubles(pass.logits());
      double loss = pass.accumulate(tokens, targets, scale, BackwardProgress.IGNORED);
      Map<String, double[]> byName = new TreeMap<>();
      gradients
          .byName()
          .forEach((name, tensor) -> byName.put(name, device.transfer().toDoubles(tensor)));
      return new RankResult(logits, loss, byName, probe.numbers());
    }
  }

  /** The trajectory of training, by every number of ranks that it has chunks for. */
  void checkTraining() throws Exception {
    try (Fixture fixture = Fixture.open("train_adamw")) {
      for (List<Integer> lengths : trainingSlicings(fixture)) {
        LinkedRanks.run(networks.open(lengths.size()), links -> trainRank(fixture, lengths, links));
      }
    }
  }

  /** The trajectory of training, by as many ranks as it has chunks for. */
  void checkTrainingByMostRanks() throws Exception {
    try (Fixture fixture = Fixture.open("train_adamw")) {
      List<Integer> lengths = trainingSlicings(fixture).getLast();
      LinkedRanks.run(networks.open(lengths.size()), links -> trainRank(fixture, lengths, links));
    }
  }

  private static List<List<Integer>> trainingSlicings(Fixture fixture) throws IOException {
    int length = fixture.config().get("L").intValue();
    return slicings("train_adamw", fixture.modelConfig(), length);
  }

  private boolean trainRank(Fixture fixture, List<Integer> lengths, EpochLinks links)
      throws IOException {
    try (Device device = precision.open()) {
      trainRank(fixture, lengths, device, links);
      return true;
    }
  }

  private void trainRank(Fixture fixture, List<Integer> lengths, Device device, EpochLinks links)
      throws IOException {
    JsonNode json = fixture.config();
    int batch = json.get("B").intValue();
    SequenceShare share = new SequenceShare(links.chunkGroup(lengths.size()), lengths, exchange);
    RankTraining training =
        new RankTraining(
            device,
            links.collectives(),
            fixture.modelConfig(),
            batch,
            share,
            TrainingFixture.settings(json),
            TrainingFixture.schedule(json));
    fixture.loadParameters("init.", device, training.parameters());
    Comparison comparison = new Comparison();
    int[] tokens = fixture.integers("tokens"); // (steps, B, L + 1)
    for (int step = 0; step < json.get("steps").intValue(); step++) {
      TrainingFixture.Batch rows =
          TrainingFixture.Batch.of(tokens, step * batch, batch, json.get("L").intValue());
      int rank = share.group().rank();
      RankTraining.Result result =
          training.step(
              SlicedTokens.of(rows.inputs(), batch, lengths, rank),
              SlicedTokens.of(rows.targets(), batch, lengths, rank));
      compare(comparison, fixture, "loss", step, result.loss(), Quantity.LOSS);
      compare(
          comparison, fixture, "grad_norm", step, result.gradientNorm(), Quantity.GRADIENT_NORM);
    }
    Tolerance trained = precision.tolerance(Quantity.TRAINED);
    fixture.compare(comparison, "final.", device, training.parameters(), trained);
    comparison.assertClose();
  }

  private void compare(
      Comparison comparison,
      Fixture fixture,
      String name,
      int step,
      double actual,
      Quantity quantity)
      throws IOException {
    double expected = fixture.numbers(name)[step];
    comparison.add(name + " at step " + step, expected, actual, precision.tolerance(quantity));
  }
}
