package dev.megalodon.kernels.reference;

import static dev.megalodon.kernels.host.HostElements.addTo;
import static dev.megalodon.kernels.host.HostElements.get;
import static dev.megalodon.kernels.host.HostElements.getInt;
import static dev.megalodon.kernels.host.HostElements.set;

import dev.megalodon.kernels.Embedding;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.shape.EmbeddingShape;

/** Row look-up and its scatter-add. */
final class ReferenceEmbedding implements Embedding {
  @Override
  public void forward(Tensor tokens, Tensor table, double scale, Tensor out) {
    EmbeddingShape shape = EmbeddingShape.of(tokens, table, out);
    for (long i = 0; i < shape.tokens(); i++) {
      long row = shape.row(getInt(tokens, i), i);
      for (int k = 0; k < shape.width(); k++) {
        set(out, i * shape.width() + k, scale * get(table, row + k));
      }
    }
  }

  @Override
  public void backward(Tensor tokens, Tensor dOut, double scale, Tensor dTable) {
    EmbeddingShape shape = EmbeddingShape.of(tokens, dTable, dOut);
    for (long i = 0; i < shape.tokens(); i++) {
      long row = shape.row(getInt(tokens, i), i);
      for (int k = 0; k < shape.width(); k++) {
        addTo(dTable, row + k, scale * get(dOut, i * shape.width() + k));
      }
    }
  }
}
