package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.jobs.TinyJob;
import dev.megalodon.e2e.jobs.TinyJob.Setting;
import dev.megalodon.e2e.jobs.Workspace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;

/**
 * The training text grows under the running job, and a rank is killed. The newcomer reads another
 * text than the others: it exits with a permanent code, and the job must fail at once, in the
 * worker's words.
 *
 * @param rank who is killed
 */
record ChangeText(int rank) implements Fault {
  private static final String REASON = "BadData";

  @Override
  public String name() {
    return "exit with a permanent code";
  }

  @Override
  public Expectation expectation() {
    return Expectation.failed();
  }

  @Override
  public Set<Integer> victims(Scene scene) {
    return Scene.allRanks();
  }

  @Override
  public TinyJob prepare(TinyJob job, Workspace workspace) {
    workspace.writeText(job.name());
    return job.with(Setting.PATH, job.name());
  }

  @Override
  public Injection inject(Scene scene) {
    append(scene.workspace().writeText(scene.job()).resolve("HashMap.java"));
    scene.process(rank).kill();
    return Injection.done().checking(ChangeText::saysWhy);
  }

  private static List<String> saysWhy(Evidence evidence) {
    String said = evidence.failure().map(it -> it.reason() + ": " + it.message()).orElse("nothing");
    return said.startsWith(REASON) && said.length() > REASON.length() + 2
        ? List.of()
        : List.of("the condition does not say why in the worker's words: " + said);
  }

  private static void append(Path file) {
    try {
      Files.writeString(file, "// another text\n", StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
