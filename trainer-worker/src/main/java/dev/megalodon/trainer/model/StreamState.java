package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Device;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where a stream is: the states carried from step to step, and the keys and values of the attention
 * chunk that it is in. All sequences of a batch are at the same position.
 */
final class StreamState {
  private final ModelState carried;
  private final List<OpenChunk> openChunks;

  private StreamState(ModelState carried, List<OpenChunk> openChunks) {
    this.carried = carried;
    this.openChunks = openChunks;
  }

  /** Before the first token. */
  static StreamState fresh(Device device, ModelConfig config, long batch) {
    return new StreamState(
        ModelState.fresh(device, device, config, batch),
        IntStream.range(0, config.layers())
            .mapToObj(layer -> OpenChunk.allocate(device, device, config, batch))
            .toList());
  }

  /** States of norms and moving averages. */
  ModelState carried() {
    return carried;
  }

  /** The open chunk of a layer. */
  OpenChunk openChunk(int layer) {
    return openChunks.get(layer);
  }

  /** Steps in the open chunk, the same in every layer. */
  long openLength() {
    return openChunks.getFirst().length();
  }

  /** Back to before the first token. */
  void reset(Device device) {
    carried.reset(device);
    openChunks.forEach(OpenChunk::clear);
  }
}
