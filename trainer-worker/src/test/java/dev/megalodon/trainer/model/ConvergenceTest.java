package dev.megalodon.trainer.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.cpu.CpuDevice;
import dev.megalodon.kernels.gemm.GemmProvider;
import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.trainer.golden.Comparison;
import dev.megalodon.trainer.golden.Fixture;
import dev.megalodon.trainer.golden.Tolerance;
import dev.megalodon.trainer.optimizer.AdamWSettings;
import dev.megalodon.trainer.optimizer.LearningRateSchedule;
import dev.megalodon.trainer.parallel.EpochLinks;
import dev.megalodon.trainer.parallel.InMemoryHub;
import dev.megalodon.trainer.parallel.Mesh;
import dev.megalodon.trainer.parallel.Network;
import dev.megalodon.trainer.parallel.SequenceSlice;
import dev.megalodon.trainer.parallel.cost.ChunkExchange;
import dev.megalodon.trainer.ranks.LinkedRanks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A real training run, a million parameters on licence texts, follows one that PyTorch made from
 * the same start: the first ten losses within 1e-3, later ones within 3 % (small differences grow),
 * and the loss on held-out text. By one rank, and by two groups of two ranks that share sequences.
 */
class ConvergenceTest {
  private static final int STEPS = 250;
  private static final int EXACT_STEPS = 10;
  private static final int HELD_OUT_WINDOWS = 16;
  private static final double INITIAL_RATIO = 1e-4;
  private static final double FINAL_RATIO = 0.01;

  @ParameterizedTest(name = "{0} x {1} ranks")
  @CsvSource({"1, 1", "2, 2"})
  void shouldLearnAsTheReferenceDoes(int dataParallel, int chunkParallel) throws Exception {
    JsonNode expected =
        new ObjectMapper()
            .readTree(Fixture.path("../convergence/converge_megalodon.json").toFile());
    byte[] corpus = corpus(expected.get("corpus"));
    Mesh mesh = new Mesh(dataParallel, chunkParallel);
    InMemoryHub hub = new InMemoryHub();
    List<Network> networks =
        IntStream.range(0, mesh.worldSize()).mapToObj(rank -> hub.member("rank-" + rank)).toList();
    LinkedRanks.run(networks, links -> train(links, mesh, expected, corpus));
  }

  private static boolean train(EpochLinks links, Mesh mesh, JsonNode expected, byte[] corpus)
      throws IOException {
    try (Device device = new CpuDevice(2, GemmProvider.VECTOR, Precision.FP32)) {
      new Run(device, links, mesh, expected, corpus).check();
      return true;
    }
  }

  /** The texts that the reference was trained on; another machine may have others. */
  private static byte[] corpus(JsonNode corpus) throws IOException {
    Path folder = Path.of(corpus.get("dir").textValue());
    byte[] bytes = Files.isDirectory(folder) ? concatenate(folder) : new byte[0];
    String hash = sha256(bytes);
    String reason =
        "%s is not the corpus of the reference run (SHA-256 %s): there is nothing to compare with"
            .formatted(folder, hash);
    boolean same = hash.equals(corpus.get("sha256").textValue());
    if (!same) {
      System.out.println("ConvergenceTest skipped: " + reason);
    }
    Assumptions.assumeTrue(same, reason);
    return bytes;
  }

  private static byte[] concatenate(Path folder) throws IOException {
    try (Stream<Path> children = Files.list(folder)) {
      List<Path> files =
          children
              .filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
              .sorted()
              .toList();
      var bytes = new ByteArrayOutputStream();
      for (Path file : files) {
        Files.copy(file, bytes);
      }
      return bytes.toByteArray();
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static final class Run {
    private final JsonNode expected;
    private final byte[] corpus;
    private final int trainBytes;
    private final int batch;
    private final int groupBatch;
    private final int firstRow;
    private final int length;
    private final SequenceSlice slice;
    private final RankTraining training;
    private final Comparison comparison = new Comparison();
    private long random = 12345;

    Run(Device device, EpochLinks links, Mesh mesh, JsonNode expected, byte[] corpus)
        throws IOException {
      this.expected = expected;
      this.corpus = corpus;
      trainBytes = expected.get("corpus").get("train_bytes").intValue();
      batch = expected.get("batch").intValue();
      length = expected.get("seq").intValue();
      ModelConfig config = Fixture.modelConfig(expected.get("config"));
      int rank = links.collectives().rank();
      List<SequenceSlice> slices = mesh.slices(length, config.chunkSize());
      slice = slices.get(mesh.chunkIndex(rank));
      groupBatch = batch / mesh.dataParallel();
      firstRow = mesh.dataIndex(rank) * groupBatch;
      training =
          new RankTraining(
              device,
              links.collectives(),
              config,
              groupBatch,
              new SequenceShare(
                  links.chunkGroup(mesh.chunkParallel()),
                  slices.stream().map(SequenceSlice::length).toList(),
                  ChunkExchange.ALL_GATHER),
              settings(expected),
              schedule(expected));
      try (SafetensorsFile initial =
          SafetensorsFile.open(Fixture.path("../convergence/converge_init.safetensors"))) {
        ParameterFiles.load(initial, device, training.parameters());
      }
    }

    private static AdamWSettings settings(JsonNode expected) {
      return new AdamWSettings(
          expected.get("betas").get(0).doubleValue(),
          expected.get("betas").get(1).doubleValue(),
          AdamWSettings.DEFAULT.epsilon(),
          expected.get("wd").doubleValue(),
          expected.get("clip").doubleValue());
    }

    private static LearningRateSchedule schedule(JsonNode expected) {
      return new LearningRateSchedule(
          LearningRateSchedule.Shape.LINEAR,
          expected.get("lr").doubleValue(),
          expected.get("warmup").longValue(),
          expected.get("total").longValue(),
          INITIAL_RATIO,
          FINAL_RATIO,
          1);
    }

    void check() {
      compareHeldOut(0, 1e-3);
      for (int step = 0; step < STEPS; step++) {
        double relative = step < EXACT_STEPS ? 0 : 0.03;
        double absolute = step < EXACT_STEPS ? 1e-3 : 0;
        double loss = expected.get("loss").get(step).doubleValue();
        Tolerance tolerance = new Tolerance.Elementwise(absolute, relative);
        comparison.add("loss at step " + step, loss, train(), tolerance);
      }
      compareHeldOut(STEPS, 0.02 * expected.get("heldout").get("" + STEPS).doubleValue());
      comparison.assertClose();
    }

    private double train() {
      int[] starts = new int[batch];
      for (int b = 0; b < batch; b++) {
        starts[b] = (int) (nextRandom() % (trainBytes - length - 1));
      }
      return training.step(window(starts, 0), window(starts, 1)).loss();
    }

    private long nextRandom() {
      random = random * 6364136223846793005L + 1442695040888963407L;
      return random >>> 33;
    }

    private void compareHeldOut(int step, double absolute) {
      double sum = 0;
      for (int first = 0; first < HELD_OUT_WINDOWS; first += batch) {
        int[] starts = new int[batch];
        for (int b = 0; b < batch; b++) {
          starts[b] = trainBytes + (first + b) * length;
        }
        sum += training.loss(window(starts, 0), window(starts, 1));
      }
      double expectedLoss = expected.get("heldout").get("" + step).doubleValue();
      double loss = sum * batch / HELD_OUT_WINDOWS;
      Tolerance tolerance = new Tolerance.Elementwise(absolute, 0);
      comparison.add("held-out loss at step " + step, expectedLoss, loss, tolerance);
    }

    /** This rank's slices of its group's sequences. */
    private int[] window(int[] starts, int shift) {
      int[] tokens = new int[groupBatch * slice.length()];
      for (int i = 0; i < tokens.length; i++) {
        int start = starts[firstRow + i / slice.length()] + slice.start();
        tokens[i] = Byte.toUnsignedInt(corpus[start + i % slice.length() + shift]);
      }
      return tokens;
    }
  }
}
