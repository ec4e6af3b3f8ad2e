package dev.megalodon.trainer.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobSpec;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobFileTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"minimal", "quickstart", "mega200m", "resume"})
  void shouldTakeEverySampleWithEveryDefault(String sample) throws IOException {
    MegalodonTrainingJobSpec spec = read(sample(sample)).spec();
    assertEquals(0.9, spec.training().optimizer().beta1());
    assertEquals(1, spec.parallelism().chunkParallel());
    assertTrue(spec.checkpoint().graceSeconds() >= 120);
    assertTrue(spec.failurePolicy().rejoinSeconds() > 0);
  }

  @Test
  void shouldFindTheJobAmongOtherDocuments() throws IOException {
    JobFile job = read("kind: Namespace\nmetadata: {name: other}\n---\n" + sample("quickstart"));
    assertEquals("quickstart", job.name());
    assertEquals(3, job.spec().parallelism().worldSize());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "steps: 400 | steps: -400 | spec.training.steps",
        "steps: 400 | steps: many | spec.training.steps",
        "steps: 400 | stepz: 400 | stepz",
        "kind: linear | kind: diagonal | spec.training.schedule.kind",
        "- volume: text | - volumes: text | spec.data.sources[0]",
        "sequenceLength: 512 | sequenceLength: 0 | spec.data.sequenceLength"
      })
  void shouldNameTheFieldThatTheSchemaRefuses(String before, String after, String field)
      throws IOException {
    String sample = sample("quickstart");
    assertTrue(sample.contains(before), before);
    assertRefused(sample.replace(before, after), ExitCode.BAD_SPEC, field);
  }

  @Test
  void shouldSayWhatIsNoManifest() throws IOException {
    assertRefused("kind: Pod\n", ExitCode.BAD_SPEC, "kind: MegalodonTrainingJob");
    assertRefused("a: [", ExitCode.BAD_SPEC, "job.yaml");
    assertRefused("", ExitCode.BAD_SPEC, "job.yaml");
    WorkerExit exit =
        assertThrows(WorkerExit.class, () -> JobFile.read(folder.resolve("nothing.yaml")));
    assertEquals(ExitCode.MISSING_INPUT, exit.code());
  }

  private void assertRefused(String manifest, ExitCode code, String words) {
    WorkerExit exit = assertThrows(WorkerExit.class, () -> read(manifest));
    assertEquals(code, exit.code());
    assertTrue(exit.sentence().contains(words), exit.sentence());
    assertEquals(1, exit.sentence().lines().count(), exit.sentence());
  }

  private JobFile read(String manifest) throws IOException {
    return JobFile.read(Files.writeString(folder.resolve("job.yaml"), manifest));
  }

  private static String sample(String name) throws IOException {
    String resource = "/samples/" + name + ".yaml";
    try (InputStream file = JobFileTest.class.getResourceAsStream(resource)) {
      return new String(
          Objects.requireNonNull(file, resource).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
