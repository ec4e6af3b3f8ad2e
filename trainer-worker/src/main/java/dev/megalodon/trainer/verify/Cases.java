package dev.megalodon.trainer.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/** A file of numbered cases. */
interface Cases {
  /**
   * Compares one case.
   *
   * @param file the names after the case's prefix
   * @param config of the case
   */
  void run(GoldenFile file, JsonNode config) throws IOException;

  /** Every case of a file, from 0 on. */
  static GoldenCheck of(Cases cases) {
    return file -> {
      for (int number = 0; file.hasAny("case" + number + "."); number++) {
        cases.run(file.at("case" + number + "."), file.caseConfig(number));
      }
    };
  }
}
