package dev.megalodon.e2e.chart;

import dev.megalodon.crds.apiserver.ApiServer;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;

/** The operator's service account as the chart makes it, for an operator outside of a pod. */
public final class ChartRights {
  private static final String ACCOUNT = "megalodon-operator";

  /** What the API server calls the operator. */
  static final String USER = "system:serviceaccount:%s:%s".formatted(Release.NAMESPACE, ACCOUNT);

  private final ApiServer server;
  private final Release release;

  /** Rights on this server. */
  public ChartRights(ApiServer server) {
    this.server = server;
    this.release = new Release(server);
  }

  /** Installs or upgrades the chart, without an operator; returns a token of its account. */
  public String grant() {
    release.helm("upgrade", "--install", "--create-namespace", "--set=replicas=0").successful();
    new Access(server.client()).await(true, USER, "anywhere", "list", Access.JOBS);
    return server
        .client()
        .serviceAccounts()
        .inNamespace(Release.NAMESPACE)
        .withName(ACCOUNT)
        .tokenRequest(
            new TokenRequestBuilder().withNewSpec().withExpirationSeconds(3_600L).endSpec().build())
        .getStatus()
        .getToken();
  }

  /** Uninstalls the chart, with the CRD, so that no other test finds it. */
  public void revoke() {
    release.helm("uninstall").successful();
    server
        .client()
        .apiextensions()
        .v1()
        .customResourceDefinitions()
        .withName(CrdFile.NAME)
        .delete();
  }
}
