package dev.megalodon.operator.validate;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobSpec;
import dev.megalodon.crds.v1alpha1.WorkerSpec;
import dev.megalodon.operator.resources.TemplateRules;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the CRD's rules cannot see: the untyped pod template, quantities, and relations between far
 * apart parts of the spec. Each rule is a sentence that begins with the field's path.
 */
public final class JobValidator {

  /** Everything that is wrong with a spec; empty if nothing is. */
  public List<String> violations(MegalodonTrainingJobSpec spec) {
    List<String> found = new ArrayList<>();
    Stream.of(globalBatch(spec), microBatch(spec), sequence(spec))
        .flatMap(Optional::stream)
        .forEach(found::add);
    Map<String, Object> template = spec.worker().template();
    if (template != null) {
      found.addAll(TemplateRules.violations(template));
    }
    WorkerSpec.Resources resources = spec.worker().resources();
    if (resources != null) {
      quantities("spec.worker.resources.requests", resources.requests(), found);
      quantities("spec.worker.resources.limits", resources.limits(), found);
    }
    return List.copyOf(found);
  }

  private static Optional<String> globalBatch(MegalodonTrainingJobSpec spec) {
    int sequences = spec.training().globalBatchSequences();
    int dataParallel = spec.parallelism().dataParallel();
    return unless(
        sequences % dataParallel == 0,
        "spec.training.globalBatchSequences: %d is not a multiple of the %d data-parallel ranks"
            .formatted(sequences, dataParallel));
  }

  private static Optional<String> microBatch(MegalodonTrainingJobSpec spec) {
    Integer micro = spec.training().microBatchSequences();
    int share = spec.training().globalBatchSequences() / spec.parallelism().dataParallel();
    return unless(
        micro == null || share % micro == 0,
        "spec.training.microBatchSequences: %d does not divide a rank's share, %d sequences"
            .formatted(micro, share));
  }

  private static Optional<String> sequence(MegalodonTrainingJobSpec spec) {
    int chunk = spec.model().resolved().chunkSize();
    int length = spec.data().sequenceLength();
    int ranks = spec.parallelism().chunkParallel();
    return unless(
        length % chunk == 0 && length >= (long) ranks * chunk,
        "spec.data.sequenceLength: %d is not a multiple of the model's chunk, %d, or gives not each of %d chunk-parallel ranks one"
            .formatted(length, chunk, ranks));
  }

  private static void quantities(
      String path, @Nullable Map<String, String> amounts, List<String> found) {
    if (amounts == null) {
      return;
    }
    amounts.forEach(
        (name, amount) -> {
          try {
            Quantity.getAmountInBytes(new Quantity(amount));
          } catch (IllegalArgumentException notQuantity) {
            found.add(path + "." + name + ": '" + amount + "' is not a Kubernetes quantity");
          }
        });
  }

  private static Optional<String> unless(boolean fine, String sentence) {
    return fine ? Optional.empty() : Optional.of(sentence);
  }
}
