package dev.megalodon.trainer.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.contract.WorkerEnvironment;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobSpec;
import dev.megalodon.kernels.Precision;
import dev.megalodon.trainer.data.DataFormat;
import dev.megalodon.trainer.data.DataSource;
import dev.megalodon.trainer.data.order.WindowOrder;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.tokenizer.TokenizerSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingPlannerTest {
  // What the operator writes: no field that only it acts on.
  private static final String SPEC =
      """
      {"model": {"preset": "mega200M"},
       "data": {"volumes": [{"name": "text", "claimName": "c", "readOnly": true}],
         "sources": [{"volume": "text", "path": "train"}],
         "heldOut": {"sources": [{"volume": "text", "path": "validation/"}]},
         "format": "text", "jsonField": "text", "tokenizer": {"kind": "bytes"},
           "order": "random", "sequenceLength": 4096},
       "training": {"steps": 500, "globalBatchSequences": 8, "microBatchSequences": 2,
         "optimizer": {"learningRate": 0.002, "beta1": 0.9, "beta2": 0.95, "epsilon": 1e-8,
           "weightDecay": 0.1, "clipNorm": 1.0},
         "schedule": {"kind": "constant", "warmupSteps": 5, "initialRatio": 1e-4,
           "finalRatio": 0.01},
         "precision": "fp32", "seed": 9, "evaluation": {"everySteps": 20, "sequences": 4},
         "recompute": "none", "carryState": false},
       "parallelism": {"workers": 2, "ranksPerPod": 1, "chunkParallel": 1, "chunkExchange": "allGather"},
       "checkpoint": {"volume": {"claimName": "c"}, "everySteps": 10, "keepLast": 3,
         "resumeFrom": {"job": "other"}, "graceSeconds": 60},
       "failurePolicy": {"rejoinSeconds": 100},
       "worker": {"device": "cpu", "gemm": "openblas"},
       "somethingNew": 1}
      """;

  @TempDir Path folder;

  @Test
  void shouldPlanWhatTheSpecSays() throws IOException {
    TrainingPlan plan = planner(2).plan(read(SPEC));
    assertEquals(256, plan.model().vocabSize());
    assertEquals(
        List.of(new DataSource(Path.of("/data/text/train"), OptionalDouble.empty())),
        plan.data().sources());
    assertEquals(new DataFormat.Text(), plan.data().format());
    assertEquals(WindowOrder.Kind.RANDOM, plan.data().order());
    assertEquals(List.of(Path.of("/data/text/validation")), plan.data().heldOutSources());
    assertEquals(new TrainingPlan.Batches(8, 4, 2), plan.batches());
    assertEquals(8 * 4096, plan.tokensPerStep());
    assertEquals(0.002, plan.schedule().rate(499));
    assertEquals(Path.of("/checkpoints/research/run-01234567"), plan.checkpoints().jobFolder());
    assertEquals(Duration.ofSeconds(60), plan.checkpoints().grace());
    assertEquals(
        Optional.of(new TrainingPlan.ResumeFrom.Job(Path.of("/checkpoints/research"), "other")),
        plan.checkpoints().resumeFrom());
    assertEquals(new TrainingPlan.Compute("cpu", "openblas", Precision.FP32, 5), plan.compute());
  }

  @Test
  void shouldPlanAMixtureOfShards() throws IOException {
    Path tokenizer = Files.writeString(folder.resolve("a.model"), "a tokenizer");
    TrainingPlan plan =
        planner(2)
            .plan(
                read(
                    SPEC.replace("\"format\": \"text\"", "\"format\": \"tokens\"")
                        .replace("{\"kind\": \"bytes\"}", tokenizerOf(tokenizer))
                        .replace("\"random\"", "\"shuffled\", \"separator\": 2")));
    String identity = new TokenizerSource.SentencePiece(tokenizer).identity();
    assertTrue(identity.matches("sentencepiece sha256:[0-9a-f]{64}"), identity);
    assertEquals(identity, plan.data().tokenizer());
    assertEquals(new DataFormat.Shards(identity), plan.data().format());
    assertEquals(WindowOrder.Kind.SHUFFLED, plan.data().order());
    assertEquals(OptionalInt.of(2), plan.data().separator());
  }

  @Test
  void shouldAskForPreparedShards() throws IOException {
    Path tokenizer = Files.writeString(folder.resolve("a.model"), "a tokenizer");
    assertRefused(
        SPEC.replace("{\"kind\": \"bytes\"}", tokenizerOf(tokenizer)),
        2,
        "run megalodon prepare first");
  }

  // An absolute path stands for a file of the volume.
  private static String tokenizerOf(Path file) {
    return "{\"kind\": \"sentencepiece\", \"volume\": \"text\", \"path\": \"%s\"}".formatted(file);
  }

  @Test
  void shouldRefuseABatchThatDoesNotDivide() throws IOException {
    assertRefused(
        SPEC.replace("\"workers\": 2", "\"workers\": 3"), 3, "8, not a multiple of the 3");
    assertRefused(
        SPEC.replace("\"microBatchSequences\": 2", "\"microBatchSequences\": 3"),
        2,
        "3 and does not divide the 4");
  }

  @Test
  void shouldPlanThePrecision() throws IOException {
    String spec = SPEC.replace("fp32", "bf16").replace("openblas", "onednn");
    assertEquals(
        new TrainingPlan.Compute("cpu", "onednn", Precision.BF16, 5),
        planner(2).plan(read(spec)).compute());
  }

  @Test
  void shouldRefuseAPrecisionThatNothingMultiplies() throws IOException {
    String spec = SPEC.replace("fp32", "bf16");
    assertRefused(spec, 2, "bf16, which spec.worker.gemm openblas does not have");
    assertRefused(
        spec.replace("\"cpu\", \"gemm\": \"openblas\"", "\"reference\", \"gemm\": \"vector\""),
        2,
        "bf16, but spec.worker.device reference is fp64");
  }

  @Test
  void shouldPlanForAsManyRanksAsItIsToldOf() throws IOException {
    TrainingPlan plan = planner(4).plan(read(SPEC));
    assertEquals(4, plan.parallel().mesh().worldSize());
    assertNotEquals(planner(2).plan(read(SPEC)).specDigest(), plan.specDigest());
  }

  @Test
  void shouldDigestWhatRanksMustAgreeOnAndNothingElse() throws IOException {
    String digest = SpecFile.digest(read(SPEC), 2);
    assertEquals(digest, SpecFile.digest(read(SPEC.replace("100}", "200}")), 2));
    assertNotEquals(digest, SpecFile.digest(read(SPEC.replace("0.002", "0.003")), 2));
    assertNotEquals(digest, SpecFile.digest(read(SPEC.replace("openblas", "vector")), 2));
    assertNotEquals(digest, SpecFile.digest(read(SPEC), 4));
  }

  @Test
  void shouldNameTheVariableThatIsMissing() {
    Map<String, String> environment = new HashMap<>(environment(2));
    environment.remove(WorkerEnvironment.INCARNATION);
    WorkerExit exit = assertThrows(WorkerExit.class, () -> WorkerIdentity.from(environment));
    assertEquals(ExitCode.BAD_SPEC, exit.code());
    assertTrue(exit.sentence().contains(WorkerEnvironment.INCARNATION), exit.sentence());
  }

  private void assertRefused(String json, int worldSize, String words) throws IOException {
    MegalodonTrainingJobSpec spec = read(json);
    WorkerExit exit = assertThrows(WorkerExit.class, () -> planner(worldSize).plan(spec));
    assertEquals(ExitCode.BAD_SPEC, exit.code());
    assertTrue(exit.sentence().contains(words), exit.sentence());
  }

  private MegalodonTrainingJobSpec read(String json) throws IOException {
    return SpecFile.read(Files.writeString(folder.resolve("spec.json"), json));
  }

  private static TrainingPlanner planner(int worldSize) {
    return new TrainingPlanner(
        WorkerIdentity.from(environment(worldSize)), Path.of("/data"), Path.of("/checkpoints"), 5);
  }

  private static Map<String, String> environment(int worldSize) {
    return Map.of(
        WorkerEnvironment.NAMESPACE, "research",
        WorkerEnvironment.JOB_NAME, "run",
        WorkerEnvironment.JOB_UID, "01234567-89ab-cdef-0123-456789abcdef",
        WorkerEnvironment.RANK, "1",
        WorkerEnvironment.WORLD_SIZE, Integer.toString(worldSize),
        WorkerEnvironment.INCARNATION, "4",
        WorkerEnvironment.RENDEZVOUS_HOST, "run-0.run",
        WorkerEnvironment.POD_IP, "10.0.0.7");
  }
}
