package dev.megalodon.trainer.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Whose a job's folder on the checkpoint volume is: {@code job.json} in it has the UID of the job
 * that came first, and no other may write there. Which of a job's processes may write is not
 * decided here but by epochs: a lock would let a frozen rank 0 stand in its replacement's way.
 */
public final class JobFolder {
  /** Name of the file with the job's UID. */
  static final String OWNER = "job.json";

  private static final String UID = "jobUid";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path folder;
  private final Retry retry;
  private final DurableFiles files;

  /**
   * A job's folder, there or not.
   *
   * @param patience how long a file that another node has just made may take to show its content
   */
  public JobFolder(Path folder, Duration patience) {
    this(folder, patience, DurableFiles.PLAIN);
  }

  /** A folder whose changes somebody hears of. */
  JobFolder(Path folder, Duration patience, DurableFiles files) {
    this.folder = folder;
    this.retry = new Retry(patience);
    this.files = files;
  }

  /**
   * Takes the folder for a job, or finds that it is that job's already.
   *
   * @throws WorkerExit {@code BAD_SPEC} when it is another job's, {@code CHECKPOINT_FAILED} when
   *     the volume cannot be written to or read
   */
  public void claim(String jobUid) {
    try {
      String owner = ownerOrClaim(jobUid);
      if (!owner.equals(jobUid)) {
        throw new WorkerExit(
            ExitCode.BAD_SPEC,
            ("the checkpoint folder %s belongs to job %s, and this is job %s: give this job another"
                    + " name or checkpoint volume, or delete the folder if nobody needs it")
                .formatted(folder, owner, jobUid));
      }
    } catch (IOException e) {
      throw new WorkerExit(
          ExitCode.CHECKPOINT_FAILED,
          "the checkpoint volume cannot be written to: %s: %s"
              .formatted(folder, DurableFiles.reason(e)),
          e);
    }
  }

  private String ownerOrClaim(String jobUid) throws IOException {
    files.makeFolder(folder);
    try {
      files.writeNew(folder, OWNER, content(jobUid));
      return jobUid;
    } catch (FileAlreadyExistsException e) {
      return owner(jobUid);
    }
  }

  /** The UID in the file; a file that stays torn was left by a crash and is written again. */
  private String owner(String jobUid) throws IOException {
    try {
      return retry.untilItWorks(this::read);
    } catch (DamagedCheckpointException e) {
      files.write(folder, OWNER, DurableFiles.bytes(content(jobUid)));
      return read();
    }
  }

  private String read() throws IOException {
    Path file = folder.resolve(OWNER);
    byte[] bytes = Files.readAllBytes(file);
    return parse(bytes)
        .orElseThrow(() -> new DamagedCheckpointException("%s names no job".formatted(file)));
  }

  private static Optional<String> parse(byte[] bytes) throws IOException {
    try {
      return Optional.ofNullable(JSON.readTree(bytes).path(UID).textValue());
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private static byte[] content(String jobUid) throws IOException {
    return JSON.writeValueAsBytes(Map.of(UID, jobUid));
  }
}
