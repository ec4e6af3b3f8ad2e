package dev.megalodon.trainer.recovery;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.megalodon.trainer.checkpoint.StoredCheckpoint;
import java.nio.file.Path;
import java.util.List;

/** What all ranks of an epoch go on from, as rank 0 decided. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "from")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ResumePoint.Beginning.class, name = "beginning"),
  @JsonSubTypes.Type(value = ResumePoint.Checkpoint.class, name = "checkpoint"),
  @JsonSubTypes.Type(value = ResumePoint.Live.class, name = "live")
})
public sealed interface ResumePoint {

  /** Step 0, parameters from the seed. */
  record Beginning() implements ResumePoint {}

  /**
   * A checkpoint.
   *
   * @param digest of its manifest, {@code sha256:…}
   * @param folder relative to the checkpoint volume's root
   */
  record Checkpoint(String digest, String folder) implements ResumePoint {}

  /**
   * What living ranks hold.
   *
   * @param state where they go on from; ranks that are a step behind it have its summed gradients
   *     and do the update first
   * @param newcomers ranks without that state, no two of them neighbours
   */
  record Live(Holding state, List<Integer> newcomers) implements ResumePoint {
    /** Keeps its own copy of the list. */
    public Live {
      newcomers = List.copyOf(newcomers);
    }
  }

  /** Going on from a checkpoint. */
  static ResumePoint at(StoredCheckpoint checkpoint, Path volume) {
    String folder = volume.relativize(checkpoint.folder()).toString();
    return new Checkpoint(checkpoint.digest(), folder);
  }

  /** This decision as text, for the other ranks. */
  default String encoded() {
    return Encoding.write(this);
  }

  /** The decision that {@link #encoded} wrote. */
  static ResumePoint decode(String text) {
    return Encoding.read(text, ResumePoint.class);
  }
}
