package dev.megalodon.trainer.interchange;

import dev.megalodon.trainer.model.ModelConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * How the reference implementation cuts a model over the ranks of a model-parallel group. Columns
 * of heads are head-major, so a rank's part holds whole heads.
 */
final class ModelParallel {
  private static final Pattern ROWS =
      Pattern.compile(
          "layers\\.\\d+\\.mega\\.(timenorm\\.(weight|bias|prior_mean|prior_logv)|cema\\.\\w+"
              + "|(wv|wz|wr|wh1)\\.(weight|bias))"
              + "|layers\\.\\d+\\.nffn\\.fc[13]\\.weight"
              + "|output\\.final_norm\\.(weight|bias|prior_mean|prior_logv)");

  private static final Pattern COLUMNS =
      Pattern.compile(
          "embed\\.weight|output\\.output\\.weight"
              + "|layers\\.\\d+\\.(mega\\.(wh2\\.weight|gamma|beta)|nffn\\.fc2\\.weight)");

  private static final Pattern REPLICATED =
      Pattern.compile(
          "layers\\.\\d+\\.(mega\\.(rmsnorm\\.weight|timenorm\\.prior_count)"
              + "|nffn\\.norm\\.(weight|bias))"
              + "|output\\.final_norm\\.prior_count|rope\\.freqs");

  /** Along which dimension a tensor is cut. */
  private enum Cut {
    ROWS,
    COLUMNS,
    REPLICATED
  }

  private ModelParallel() {}

  private static Cut cut(String name) throws InterchangeException {
    if (ROWS.matcher(name).matches()) {
      return Cut.ROWS;
    }
    if (COLUMNS.matcher(name).matches()) {
      return Cut.COLUMNS;
    }
    if (REPLICATED.matcher(name).matches()) {
      return Cut.REPLICATED;
    }
    throw new InterchangeException(
        "tensor '%s' has no model-parallel parts in the reference implementation".formatted(name));
  }

  /**
   * Checks that a model can be cut.
   *
   * @throws InterchangeException naming the dimension that does not divide
   */
  static void requireDivisible(ModelConfig config, int ranks) throws InterchangeException {
    if (config.rescaleFfn() && ranks > 1) {
      throw new InterchangeException(
          "a model with rescaleFfn has no model-parallel parts: the reference implementation scales"
              + " a part of the output by the whole of nffn.alpha and fails; export one file");
    }
    requireDivisible("heads", config.heads(), ranks);
    requireDivisible("modelDim", config.modelDim(), ranks);
    requireDivisible("normGroups", config.normGroups(), ranks);
    requireDivisible("ffnHiddenDim", config.ffnHiddenDim(), ranks);
  }

  private static void requireDivisible(String field, int value, int ranks)
      throws InterchangeException {
    if (value % ranks != 0) {
      throw new InterchangeException(
          "%s (%d) does not divide by %d model-parallel ranks".formatted(field, value, ranks));
    }
  }

  /** The part of a tensor that one rank holds. */
  static NamedTensor part(NamedTensor whole, int rank, int ranks) throws InterchangeException {
    return switch (cut(whole.name())) {
      case ROWS -> part(whole, 0, rank, ranks);
      case COLUMNS -> part(whole, 1, rank, ranks);
      case REPLICATED -> whole;
    };
  }

  private static NamedTensor part(NamedTensor whole, int axis, int rank, int ranks) {
    long size = whole.dims().get(axis) / ranks;
    long outer = outer(whole, axis);
    NamedTensor.Source source =
        scratch -> {
          MemorySegment from = whole.bytes(scratch);
          long block = from.byteSize() / outer / ranks;
          MemorySegment to = scratch.allocate(block * outer, Long.BYTES);
          for (long i = 0; i < outer; i++) {
            MemorySegment.copy(from, (i * ranks + rank) * block, to, i * block, block);
          }
          return to;
        };
    return whole.with(whole.type(), replaced(whole.dims(), axis, size), source);
  }

  private static long outer(NamedTensor tensor, int axis) {
    return axis == 0 ? 1 : tensor.dims().getFirst();
  }

  private static List<Long> replaced(List<Long> dims, int axis, long size) {
    List<Long> replaced = new ArrayList<>(dims);
    replaced.set(axis, size);
    return replaced;
  }

  /**
   * The whole tensors of a model from the parts of all ranks.
   *
   * @param parts tensors of every rank, in order
   * @throws InterchangeException naming the tensor that one rank lacks or that does not fit the
   *     other ranks'
   */
  static List<NamedTensor> merge(List<List<NamedTensor>> parts) throws IOException {
    if (parts.size() == 1) {
      return parts.getFirst();
    }
    List<Map<String, NamedTensor>> byName = parts.stream().map(ModelParallel::byName).toList();
    for (int rank = 0; rank < byName.size(); rank++) {
      requireSameNames(byName, rank);
    }
    List<NamedTensor> merged = new ArrayList<>();
    for (NamedTensor first : parts.getFirst()) {
      merged.add(merge(byName.stream().map(rank -> rank.get(first.name())).toList(), first));
    }
    return merged;
  }

  private static Map<String, NamedTensor> byName(List<NamedTensor> tensors) {
    Map<String, NamedTensor> byName = new LinkedHashMap<>();
    tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
    return byName;
  }

  private static void requireSameNames(List<Map<String, NamedTensor>> ranks, int rank)
      throws InterchangeException {
    for (String name : ranks.getFirst().keySet()) {
      if (!ranks.get(rank).containsKey(name)) {
        throw new InterchangeException(
            "part %d of %d has no tensor '%s'".formatted(rank, ranks.size(), name));
      }
    }
    for (String name : ranks.get(rank).keySet()) {
      if (!ranks.getFirst().containsKey(name)) {
        throw new InterchangeException(
            "part 0 of %d has no tensor '%s', part %d has".formatted(ranks.size(), name, rank));
      }
    }
  }

  private static NamedTensor merge(List<NamedTensor> parts, NamedTensor first) throws IOException {
    for (int rank = 1; rank < parts.size(); rank++) {
      NamedTensor part = parts.get(rank);
      if (part.type() != first.type() || !part.dims().equals(first.dims())) {
        throw new InterchangeException(
            "tensor '%s' is %s %s in part 0, but %s %s in part %d"
                .formatted(
                    first.name(), first.type(), first.dims(), part.type(), part.dims(), rank));
      }
    }
    return switch (cut(first.name())) {
      case ROWS -> merge(parts, first, 0);
      case COLUMNS -> merge(parts, first, 1);
      case REPLICATED -> replicated(parts, first);
    };
  }

  private static NamedTensor replicated(List<NamedTensor> parts, NamedTensor first)
      throws IOException {
    for (int rank = 1; rank < parts.size(); rank++) {
      if (!parts.get(rank).isSame(first)) {
        throw new InterchangeException(
            "tensor '%s' must be the same in all parts, but differs between part 0 and part %d"
                .formatted(first.name(), rank));
      }
    }
    return first;
  }

  private static NamedTensor merge(List<NamedTensor> parts, NamedTensor first, int axis)
      throws InterchangeException {
    if (first.dims().size() <= axis || first.dims().contains(0L)) {
      throw new InterchangeException(
          "tensor '%s' of shape %s is no part of a model".formatted(first.name(), first.dims()));
    }
    int ranks = parts.size();
    long size = Math.multiplyExact(first.dims().get(axis), ranks);
    NamedTensor.Source source = scratch -> interleave(parts, outer(first, axis), scratch);
    return first.with(first.type(), replaced(first.dims(), axis, size), source);
  }

  private static MemorySegment interleave(List<NamedTensor> parts, long outer, Arena scratch)
      throws IOException {
    int ranks = parts.size();
    long bytes = parts.getFirst().bytes(scratch).byteSize();
    MemorySegment to = scratch.allocate(Math.multiplyExact(bytes, ranks), Long.BYTES);
    long block = bytes / outer;
    for (int rank = 0; rank < ranks; rank++) {
      MemorySegment from = parts.get(rank).bytes(scratch);
      for (long i = 0; i < outer; i++) {
        MemorySegment.copy(from, i * block, to, (i * ranks + rank) * block, block);
      }
    }
    return to;
  }
}
