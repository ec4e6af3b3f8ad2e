package dev.megalodon.e2e.chart;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.apiserver.ApiServer;
import dev.megalodon.crds.apiserver.ApiServerExtension;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One value turns the dashboard off; {@code DashboardPageIT} shows that the setting does it. */
@ExtendWith(ApiServerExtension.class)
class DashboardValueIT {
  private final Release release;

  DashboardValueIT(ApiServer server) {
    this.release = new Release(server);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldTellTheOperator(boolean enabled) {
    String rendered =
        release.helm("template", "--set=dashboard.enabled=" + enabled).successful().output();
    String setting =
        "- name: MEGALODON_DASHBOARD_ENABLED\n              value: \"%s\"".formatted(enabled);
    assertTrue(rendered.contains(setting), rendered);
  }
}
