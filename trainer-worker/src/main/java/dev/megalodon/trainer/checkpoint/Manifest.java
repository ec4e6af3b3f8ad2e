package dev.megalodon.trainer.checkpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says what a checkpoint is and what its files must be. Written last: a folder without one is no
 * checkpoint. Stored as {@code manifest.json} with these names.
 *
 * @param formatVersion {@link #FORMAT_VERSION}
 * @param jobUid the job that wrote it
 * @param epochIncarnation first half of the epoch's id
 * @param epochCounter second half of the epoch's id
 * @param step steps that are done; also the position in the data
 * @param totalSteps steps of the whole run
 * @param tokens tokens trained on
 * @param worldSize ranks that wrote it, one optimizer shard each; 0: no run wrote it, it holds
 *     parameters only and whoever starts from it starts with moments of zero
 * @param parent SHA-256 of the manifest that this one's lineage goes back to, {@code sha256:…};
 *     absent when the run began here
 * @param seed seed of the run
 * @param dataFingerprint fingerprint of the training text
 * @param model the model's configuration, for readers other than this program
 * @param configDigest digest of all settings that change the result, {@code sha256:…}
 * @param numerics what computed: device, GEMM, species, threads; the same bits need the same
 * @param loss training loss of the last step, nats per token; absent at step 0
 * @param initialHeldOutLoss held-out loss before the first step
 * @param heldOutLoss newest held-out loss
 * @param createdAt when it was committed, RFC 3339
 * @param files every other file of the folder
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Manifest(
    int formatVersion,
    String jobUid,
    long epochIncarnation,
    long epochCounter,
    long step,
    long totalSteps,
    long tokens,
    int worldSize,
    @Nullable String parent,
    long seed,
    String dataFingerprint,
    Object model,
    String configDigest,
    String numerics,
    @Nullable Double loss,
    @Nullable Double initialHeldOutLoss,
    @Nullable Double heldOutLoss,
    String createdAt,
    List<FileDigest> files) {

  /** What this program writes, and the only version it reads. */
  public static final int FORMAT_VERSION = 1;

  /** Name of the file with whole parameters. */
  public static final String PARAMETERS = "parameters.safetensors";

  private static final String CARRIED = "carried-";

  /** Keeps its own copy of the list. */
  public Manifest {
    files = List.copyOf(files);
  }

  /** The same with these files. */
  public Manifest withFiles(List<FileDigest> written) {
    return new Manifest(
        formatVersion,
        jobUid,
        epochIncarnation,
        epochCounter,
        step,
        totalSteps,
        tokens,
        worldSize,
        parent,
        seed,
        dataFingerprint,
        model,
        configDigest,
        numerics,
        loss,
        initialHeldOutLoss,
        heldOutLoss,
        createdAt,
        written);
  }

  /** Which checkpoint this is. */
  public CheckpointId id() {
    return new CheckpointId(epochIncarnation, epochCounter, step);
  }

  /** Whether there is anything but parameters. */
  boolean withOptimizer() {
    return worldSize > 0;
  }

  /** Name of the file in which {@code rank} writes what its sequences carry. */
  public static String carriedStates(int rank) {
    return "%s%05d.safetensors".formatted(CARRIED, rank);
  }

  /** Whether a file holds what sequences carry. */
  static boolean isCarriedStates(String name) {
    return name.startsWith(CARRIED);
  }

  /** Name of the optimizer shard that {@code rank} of {@code worldSize} ranks writes. */
  public static String optimizerShard(int rank, int worldSize) {
    return "optimizer-%05d-of-%05d.safetensors".formatted(rank, worldSize);
  }
}
