package dev.megalodon.kernels.reference;

import static dev.megalodon.kernels.host.HostElements.get;
import static dev.megalodon.kernels.host.HostElements.set;

import dev.megalodon.kernels.CausalSoftmax;
import dev.megalodon.kernels.Matrix;
import dev.megalodon.kernels.shape.SoftmaxShape;

/** Row by row: subtract the maximum, exponentiate, divide by the sum. */
final class ReferenceCausalSoftmax implements CausalSoftmax {
  @Override
  public void forward(Matrix scores, long diagonal) {
    SoftmaxShape shape = SoftmaxShape.of(scores, diagonal);
    for (long i = 0; i < scores.rows(); i++) {
      long visible = shape.visible(i);
      double max = Double.NEGATIVE_INFINITY;
      for (long j = 0; j < visible; j++) {
        max = Math.max(max, get(scores.storage(), scores.index(i, j)));
      }
      double sum = 0;
      for (long j = 0; j < visible; j++) {
        sum += Math.exp(get(scores.storage(), scores.index(i, j)) - max);
      }
      for (long j = 0; j < scores.cols(); j++) {
        long at = scores.index(i, j);
        double score = get(scores.storage(), at);
        set(scores.storage(), at, j < visible ? Math.exp(score - max) / sum : 0);
      }
    }
  }

  @Override
  public void backward(Matrix probabilities, Matrix dProbabilities, long diagonal) {
    SoftmaxShape shape = SoftmaxShape.of(probabilities, diagonal).same(dProbabilities);
    for (long i = 0; i < probabilities.rows(); i++) {
      long visible = shape.visible(i);
      double product = 0;
      for (long j = 0; j < visible; j++) {
        product += p(probabilities, i, j) * p(dProbabilities, i, j);
      }
      for (long j = 0; j < probabilities.cols(); j++) {
        double dScore =
            j < visible ? p(probabilities, i, j) * (p(dProbabilities, i, j) - product) : 0;
        set(dProbabilities.storage(), dProbabilities.index(i, j), dScore);
      }
    }
  }

  private static double p(Matrix matrix, long i, long j) {
    return get(matrix.storage(), matrix.index(i, j));
  }
}
