package dev.megalodon.trainer.bench;

import java.time.Duration;
import java.util.List;

/** Where the ranks of a bench run, and what lies between them. */
interface RankHosts extends AutoCloseable {
  /** IP address of a rank. */
  String address(int rank);

  /** What to put before a command so that it runs on the rank's host. */
  List<String> prefix(int rank);

  /**
   * Makes everything that ranks send take this much longer.
   *
   * @return false when these hosts cannot
   */
  boolean delay(Duration oneWay);

  /** For the report. */
  String description();

  @Override
  void close();
}
