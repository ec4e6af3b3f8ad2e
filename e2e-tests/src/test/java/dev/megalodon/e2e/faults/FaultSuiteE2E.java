package dev.megalodon.e2e.faults;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.cluster.WithCluster;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * {@code make faults}: every fault of the {@link Catalogue} against a job of its own, and a table.
 * System property {@code faults} leaves only those whose name contains one of the texts, {@code
 * faults.outageSeconds} is how long outages last, {@code faults.jobSeconds} about how long a job
 * that nobody disturbs.
 */
@ExtendWith(WithCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultSuiteE2E {
  private final FaultSuite suite;

  FaultSuiteE2E(EmbeddedCluster cluster) {
    this.suite = FaultSuite.create(cluster);
  }

  @AfterAll
  void close() {
    suite.close();
  }

  @TestFactory
  Stream<DynamicTest> shouldSurvive() {
    FaultTable table = suite.run(wanted(), seconds("faults.jobSeconds", 45));
    System.out.println(table.markdown());
    return table.rows().stream()
        .map(
            row ->
                DynamicTest.dynamicTest(
                    row.fault(), () -> assertTrue(row.isGood(), () -> row.toString())));
  }

  private static Duration seconds(String property, long usual) {
    return Duration.ofSeconds(Long.getLong(property, usual));
  }

  private static List<Fault> wanted() {
    Duration outage = seconds("faults.outageSeconds", 30);
    List<String> names = List.of(System.getProperty("faults", "").split(","));
    return Catalogue.suite(outage).stream()
        .filter(fault -> names.stream().anyMatch(name -> fault.name().contains(name.strip())))
        .toList();
  }
}
