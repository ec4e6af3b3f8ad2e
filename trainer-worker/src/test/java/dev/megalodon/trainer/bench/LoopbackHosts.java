package dev.megalodon.trainer.bench;

import java.time.Duration;
import java.util.List;

/** All ranks on this host's loopback interface. */
final class LoopbackHosts implements RankHosts {
  @Override
  public String address(int rank) {
    return "127.0.0.1";
  }

  @Override
  public List<String> prefix(int rank) {
    return List.of();
  }

  @Override
  public boolean delay(Duration oneWay) {
    return oneWay.isZero();
  }

  @Override
  public String description() {
    return "the loopback interface";
  }

  @Override
  public void close() {}
}
