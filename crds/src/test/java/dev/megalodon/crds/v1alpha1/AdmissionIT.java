package dev.megalodon.crds.v1alpha1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.apiserver.ApiServerExtension;
import dev.megalodon.crds.apiserver.TrainingJobApi;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code kubectl apply} refuses and with which words; no operator is there. */
@ExtendWith(ApiServerExtension.class)
class AdmissionIT {
  @BeforeAll
  static void installCrd(KubernetesClient client) {
    TrainingJobApi.install(client);
  }

  /** Path to change, bad value, path in the answer, part of its sentence. */
  static Stream<Arguments> badValues() {
    return Stream.of(
        // the job
        bad(
            "/metadata/name",
            "a.b",
            "metadata.name: Invalid",
            "must be at most 40 lower-case letters"),
        bad("/metadata/name", "1abc", "metadata.name: Invalid", "start with a letter"),
        bad("/metadata/name", "x".repeat(41), "metadata.name: Invalid", "at most 40"),
        bad("/spec/cleanPodPolicy", "Some", "spec.cleanPodPolicy", "supported values"),
        bad("/spec/activeDeadlineSeconds", "0", "spec.activeDeadlineSeconds", "greater than or"),
        bad("/spec/startDeadlineSeconds", "-1", "spec.startDeadlineSeconds", "greater than or"),
        bad("/spec/ttlSecondsAfterFinished", "-1", "spec.ttlSecondsAfterFinished", "greater than"),
        bad("/spec/managedBy", "''", "spec.managedBy", "at least 1 char"),
        // the model
        bad("/spec/model", "{}", "spec.model", "set exactly one of preset and dimensions"),
        bad("/spec/model/preset", "mega200M", "spec.model", "set exactly one of preset and"),
        bad("/spec/model", "{preset: mega3B}", "spec.model.preset", "supported values"),
        bad("/spec/model/vocabSize", "512", "spec.model.vocabSize", "goes with preset"),
        bad(
            "/spec/model",
            "{preset: mega200M, vocabSize: 100}",
            "spec.model.vocabSize",
            "greater than or equal to 256"),
        bad("/spec/model/dimensions/layers", "0", "spec.model.dimensions.layers", "greater than"),
        bad("/spec/model/dimensions/heads", "3", "spec.model.dimensions.heads", "divide zDim"),
        bad("/spec/model/dimensions/valueDim", "255", "spec.model.dimensions.heads", "valueDim"),
        bad("/spec/model/dimensions/zDim", "66", "spec.model.dimensions.zDim", "must be even"),
        bad("/spec/model/dimensions/normGroups", "7", "dimensions.normGroups", "divide modelDim"),
        bad("/spec/model/dimensions/normEpsilon", "0", "dimensions.normEpsilon", "greater than 0"),
        bad("/spec/model/dimensions/ropeBase", "0", "dimensions.ropeBase", "greater than"),
        bad("/spec/model/dimensions/chunkSize", "0", "dimensions.chunkSize", "greater than"),
        // the data
        bad("/spec/data/volumes", "[]", "spec.data.volumes", "at least 1 item"),
        bad("/spec/data/sources", "[]", "spec.data.sources", "at least 1 item"),
        bad(
            "/spec/data/volumes",
            "[{name: text, claimName: a}, {name: text, claimName: b}]",
            "spec.data.volumes[1]",
            "Duplicate value"),
        bad(
            "/spec/data/sources",
            "[{volume: books}]",
            "spec.data.sources",
            "name of one of spec.data.volumes"),
        bad(
            "/spec/data/sources",
            "[{volume: text, path: /etc}]",
            "spec.data.sources[0].path",
            "relative to the volume"),
        bad(
            "/spec/data/sources",
            "[{volume: text, path: a/../../b}]",
            "spec.data.sources[0].path",
            "no '..'"),
        bad("/spec/data/heldOut", "{}", "spec.data.heldOut", "exactly one of fraction and sources"),
        bad("/spec/data/heldOut/fraction", "0.6", "spec.data.heldOut.fraction", "less than or"),
        bad(
            "/spec/data/heldOut",
            "{sources: [{volume: books}]}",
            "spec.data.heldOut",
            "name of one of spec.data.volumes"),
        bad("/spec/data/format", "parquet", "spec.data.format", "supported values"),
        bad("/spec/data/order", "sorted", "spec.data.order", "supported values"),
        bad("/spec/data/separator", "-1", "spec.data.separator", "greater than or equal to 0"),
        bad("/spec/data/tokenizer", "{kind: bpe}", "spec.data.tokenizer.kind", "supported values"),
        bad(
            "/spec/data/tokenizer",
            "{kind: sentencepiece}",
            "spec.data.tokenizer",
            "need volume and path"),
        bad(
            "/spec/data/tokenizer",
            "{kind: bytes, volume: text, path: a}",
            "spec.data.tokenizer",
            "bytes has none"),
        bad(
            "/spec/data/tokenizer",
            "{kind: sentencepiece, volume: text, path: ../a.model}",
            "spec.data.tokenizer.path",
            "no '..'"),
        bad(
            "/spec/data/tokenizer",
            "{kind: sentencepiece, volume: books, path: a.model}",
            "spec.data.tokenizer",
            "name of one of spec.data.volumes"),
        bad(
            "/spec/data/tokenizer",
            "{kind: huggingface, volume: text, path: tokenizer.json}",
            "spec.data.format",
            "run megalodon prepare first"),
        bad(
            "/spec/data/sources",
            "[{volume: text, weight: 1}, {volume: text}]",
            "spec.data.sources",
            "all sources have a weight, or none"),
        bad(
            "/spec/data/sources",
            "[{volume: text, weight: 0}]",
            "spec.data.sources[0].weight",
            "greater than 0"),
        bad(
            "/spec/data",
            "{volumes: [{name: text, claimName: a}], sources: [{volume: text, weight: 1}],"
                + " order: consecutive, sequenceLength: 512}",
            "spec.data.order",
            "consecutive reads one text"),
        bad(
            "/spec/data/heldOut",
            "{sources: [{volume: text, weight: 1}]}",
            "spec.data.heldOut",
            "held-out sources have no weights"),
        bad(
            "/spec/data/sequenceLength",
            "500",
            "spec.data.sequenceLength",
            "sequenceLength (500) must be a multiple of the attention chunk (128)"),
        bad("/spec/data/sequenceLength", "64", "spec.data.sequenceLength", "multiple of"),
        bad("/spec/data/sequenceLength", "0", "spec.data.sequenceLength", "greater than or equal"),
        bad("/spec/model", "{preset: mega200M}", "spec.data.sequenceLength", "chunk (2048)"),
        bad(
            "/spec/parallelism",
            "{workers: 6, chunkParallel: 6}",
            "spec.data.sequenceLength",
            "at least parallelism.chunkParallel x the attention chunk (6 x 128)"),
        // the training
        bad("/spec/training/steps", "-5", "spec.training.steps", "greater than or equal to 1"),
        bad("/spec/training/steps", "0", "spec.training.steps", "greater than or equal to 1"),
        bad("/spec/training/steps", "many", "spec.training.steps", "must be of type integer"),
        bad(
            "/spec/training/globalBatchSequences",
            "7",
            "spec.training.globalBatchSequences",
            "globalBatchSequences (7) must be a multiple of the data-parallel ranks"),
        bad("/spec/training/microBatchSequences", "4", "training.microBatchSequences", "divide"),
        bad("/spec/training/microBatchSequences", "0", "microBatchSequences", "greater than"),
        bad("/spec/training/schedule/warmupSteps", "400", "schedule.warmupSteps", "less than"),
        bad("/spec/training/schedule/kind", "step", "training.schedule.kind", "supported values"),
        bad("/spec/training/optimizer/learningRate", "0", "learningRate", "greater than 0"),
        bad("/spec/training/optimizer/beta1", "1", "optimizer.beta1", "less than 1"),
        bad("/spec/training/evaluation/everySteps", "0", "evaluation.everySteps", "greater than"),
        bad("/spec/training/recompute", "all", "spec.training.recompute", "supported values"),
        bad(
            "/spec/training/carryState",
            "true",
            "spec.training.carryState",
            "needs data.order consecutive"),
        // the ranks
        bad(
            "/spec/parallelism/chunkParallel",
            "2",
            "spec.parallelism.chunkParallel",
            "chunkParallel must divide workers x ranksPerPod"),
        bad(
            "/spec/parallelism/chunkExchange",
            "gossip",
            "spec.parallelism.chunkExchange",
            "supported values"),
        bad("/spec/parallelism/chunkParallel", "5", "parallelism.chunkParallel", "must divide"),
        bad("/spec/parallelism/ranksPerPod", "2", "spec.parallelism.ranksPerPod", "one rank in a"),
        bad("/spec/parallelism/workers", "0", "spec.parallelism.workers", "greater than or"),
        bad("/spec/parallelism/workers", "4", "spec.training.globalBatchSequences", "(4 x 1 / 1)"),
        // checkpoints
        bad("/spec/checkpoint/everySteps", "0", "spec.checkpoint.everySteps", "greater than or"),
        bad("/spec/checkpoint/keepLast", "1", "spec.checkpoint.keepLast", "greater than or equal"),
        bad("/spec/checkpoint/resumeFrom", "{}", "checkpoint.resumeFrom", "exactly one of path"),
        bad(
            "/spec/checkpoint/resumeFrom",
            "{path: ../other}",
            "spec.checkpoint.resumeFrom.path",
            "relative to the checkpoint volume"),
        // failures
        bad("/spec/failurePolicy/maxRestarts", "-1", "failurePolicy.maxRestarts", "greater than"),
        bad("/spec/failurePolicy/stragglerRatio", "1", "stragglerRatio", "at least 1.1"),
        bad(
            "/spec/failurePolicy/backoff",
            "{initialSeconds: 10, maxSeconds: 5}",
            "spec.failurePolicy.backoff.initialSeconds",
            "must not be greater than maxSeconds"),
        // the workers
        bad("/spec/worker/device", "cuda", "spec.worker.device", "supported values"),
        bad("/spec/worker/gemm", "mkl", "spec.worker.gemm", "supported values"),
        bad("/spec/training/precision", "fp8", "spec.training.precision", "supported values"),
        bad("/spec/worker/threads", "0", "spec.worker.threads", "greater than or equal to 1"),
        bad("/spec/worker/imagePullPolicy", "Often", "worker.imagePullPolicy", "supported values"),
        bad("/spec/worker/resources/limits", "{cpu: lots}", "resources.limits.cpu", "should match"),
        bad("/spec/worker/template", "text", "spec.worker.template", "must be of type object"),
        // where they are placed
        bad("/spec/scheduling", "{queueName: Team}", "scheduling.queueName", "should match"),
        bad("/spec/scheduling", "{queueName: ''}", "spec.scheduling.queueName", "at least 1"),
        bad("/spec/scheduling", "{gang: some}", "spec.scheduling.gang", "supported values"),
        bad(
            "/spec/scheduling",
            "{queueName: team, gang: volcano}",
            "spec.scheduling.gang",
            "gang must be none with a queueName"));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("badValues")
  void shouldRefuse(
      String path, String value, String pathInAnswer, String sentence, KubernetesClient client) {
    Manifest manifest = Manifest.sample("quickstart.yaml").with(path, value);
    String answer = refusal(client, manifest);
    assertTrue(answer.contains(pathInAnswer), () -> "no " + pathInAnswer + " in: " + answer);
    assertTrue(answer.contains(sentence), () -> "no \"" + sentence + "\" in: " + answer);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{gemm: openblas}", "{device: reference}"})
  void shouldRefuseBfloat16WhereNothingMultipliesIt(String worker, KubernetesClient client) {
    Manifest manifest =
        Manifest.sample("quickstart.yaml")
            .with("/spec/training/precision", "bf16")
            .with("/spec/worker", worker);
    String answer = refusal(client, manifest);
    String sentence = "bf16 needs worker.device cpu and worker.gemm vector or onednn";
    assertTrue(answer.contains("spec.training.precision"), answer);
    assertTrue(answer.contains(sentence), answer);
  }

  static List<String> requiredFields() {
    return List.of(
        "/spec",
        "/spec/model",
        "/spec/model/dimensions/layers",
        "/spec/model/dimensions/normGroups",
        "/spec/data",
        "/spec/data/volumes",
        "/spec/data/sources",
        "/spec/data/sequenceLength",
        "/spec/training",
        "/spec/training/steps",
        "/spec/training/globalBatchSequences",
        "/spec/checkpoint",
        "/spec/checkpoint/volume",
        "/spec/checkpoint/volume/claimName");
  }

  @ParameterizedTest
  @MethodSource("requiredFields")
  void shouldRefuseWithout(String path, KubernetesClient client) {
    String answer = refusal(client, Manifest.sample("quickstart.yaml").without(path));
    String field = path.substring(1).replace('/', '.');
    assertTrue(answer.contains(field + ": Required value"), answer);
  }

  static List<String> samples() {
    return Manifest.sampleFiles();
  }

  @ParameterizedTest
  @MethodSource("samples")
  void shouldAcceptSample(String file, KubernetesClient client) {
    Manifest sample = Manifest.sample(file);
    assertEquals(
        sample.at("/metadata/name").asText(), dryRun(client, sample).getMetadata().getName());
  }

  private static String refusal(KubernetesClient client, Manifest manifest) {
    KubernetesClientException refusal =
        assertThrows(
            KubernetesClientException.class,
            () -> dryRun(client, manifest),
            manifest.at("").toString());
    assertEquals(422, refusal.getCode(), refusal.getMessage());
    return String.valueOf(refusal.getMessage());
  }

  private static GenericKubernetesResource dryRun(KubernetesClient client, Manifest manifest) {
    return client.resource(manifest.resource()).inNamespace("default").dryRun().create();
  }

  private static Arguments bad(String path, String value, String pathInAnswer, String sentence) {
    return Arguments.of(path, value, pathInAnswer, sentence);
  }
}
