package dev.megalodon.operator.dashboard;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.megalodon.crds.contract.Curve;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.operator.naming.JobId;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the page is made from; {@link Gate} decides who may ask. */
@Path("/api/jobs")
@Produces(MediaType.APPLICATION_JSON)
public class DashboardApi {
  private final JobBoard board;
  private final LossHistory history;
  private final Curves curves;

  DashboardApi(JobBoard board, LossHistory history, Curves curves) {
    this.board = board;
    this.history = history;
    this.curves = curves;
  }

  /** An answer that was refused, for people. */
  record Refusal(String message) {}

  /**
   * Some of a curve, or none.
   *
   * @param live whether workers run that may tell more
   * @param curve absent if no worker ever answered this operator
   */
  @JsonInclude(Include.NON_NULL)
  record CurveAnswer(boolean live, @Nullable Curve curve) {}

  /** All jobs, the newest first. */
  @GET
  public List<JobSummary> jobs() {
    requireReady();
    return board.jobs().stream()
        .map(job -> JobSummary.of(job, losses(JobId.of(job))))
        .sorted(
            Comparator.comparing(JobSummary::created)
                .reversed()
                .thenComparing(JobSummary::namespace)
                .thenComparing(JobSummary::name))
        .toList();
  }

  /** One job. */
  @GET
  @Path("{namespace}/{name}")
  public JobDetails job(String namespace, String name) {
    MegalodonTrainingJob job = require(namespace, name);
    return JobDetails.of(job, losses(JobId.of(job)));
  }

  private List<LossHistory.Point> losses(JobId job) {
    return curves.known(job).map(LossHistory::of).orElseGet(() -> history.of(job));
  }

  /**
   * Its curve, of which the asker has all up to a step of that revision.
   *
   * @param since −1 for all
   * @param revision as in the answer before, {@code incarnation.revision}
   */
  @GET
  @Path("{namespace}/{name}/curve")
  public CurveAnswer curve(
      String namespace,
      String name,
      @QueryParam("since") @DefaultValue("-1") long since,
      @QueryParam("revision") @DefaultValue("") String revision) {
    MegalodonTrainingJob job = require(namespace, name);
    return new CurveAnswer(
        RankZero.runs(job),
        curves
            .of(job)
            .map(curve -> isOf(revision, curve) ? curve.since(since) : curve)
            .orElse(null));
  }

  private static boolean isOf(String revision, Curve curve) {
    return revision.equals(curve.incarnation() + "." + curve.revision());
  }

  private MegalodonTrainingJob require(String namespace, String name) {
    requireReady();
    return board
        .job(namespace, name)
        .orElseThrow(
            () ->
                refusal(
                    Response.Status.NOT_FOUND,
                    "there is no job %s in namespace %s".formatted(name, namespace)));
  }

  private void requireReady() {
    if (!board.isReady()) {
      throw refusal(
          Response.Status.SERVICE_UNAVAILABLE,
          "the operator has not been able to list the jobs yet; its log says why");
    }
  }

  private static WebApplicationException refusal(Response.Status status, String message) {
    return new WebApplicationException(
        Response.status(status)
            .type(MediaType.APPLICATION_JSON)
            .entity(new Refusal(message))
            .build());
  }
}
