package dev.megalodon.trainer.cli;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.trainer.interchange.NamedTensor;
import dev.megalodon.trainer.interchange.TensorFile;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a file of tensors holds, for people and for programs. */
record TensorListing(TensorFile file) {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /**
   * A file as JSON.
   *
   * @param elements of all tensors
   */
  record FileJson(String file, long elements, List<TensorJson> tensors) {}

  /**
   * A tensor as JSON.
   *
   * @param sum of the finite elements, from the first to the last in double precision
   * @param sumOfMagnitudes of the finite elements
   * @param notFinite elements that are infinite or no number
   */
  record TensorJson(
      String name,
      String dtype,
      List<Long> shape,
      double sum,
      double sumOfMagnitudes,
      long notFinite) {}

  /** One line. */
  void printSummary(PrintStream output) {
    output.printf(
        Locale.ROOT, "parameters  %,d in %d tensors%n", elements(), file.tensors().size());
  }

  private long elements() {
    return file.tensors().stream().mapToLong(NamedTensor::elements).sum();
  }

  /** A line for every tensor. */
  void printTensors(PrintStream output) throws IOException {
    for (NamedTensor tensor : file.tensors()) {
      TensorStatistics statistics = TensorStatistics.of(tensor);
      output.printf(
          Locale.ROOT,
          "%-44s %-4s %-14s mean %11.4e  rms %11.4e  min %11.4e  max %11.4e%s%n",
          tensor.name(),
          tensor.type(),
          tensor.dims(),
          statistics.mean(),
          statistics.rootMeanSquare(),
          statistics.minimum(),
          statistics.maximum(),
          statistics.notFinite() == 0 ? "" : "  NOT FINITE: " + statistics.notFinite());
    }
  }

  /** The file and all tensors as JSON. */
  void printJson(PrintStream output) throws IOException {
    List<TensorJson> tensors = new ArrayList<>();
    for (NamedTensor tensor : file.tensors()) {
      TensorStatistics statistics = TensorStatistics.of(tensor);
      tensors.add(
          new TensorJson(
              tensor.name(),
              tensor.type().name(),
              tensor.dims(),
              statistics.sum(),
              statistics.sumOfMagnitudes(),
              statistics.notFinite()));
    }
    FileJson json = new FileJson(file.path().toString(), elements(), tensors);
    output.println(JSON.writeValueAsString(json));
  }
}
