package dev.megalodon.e2e.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.e2e.cluster.Await;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A Chromium without a screen, and what it complained about and asked the network for. */
final class Browser implements AutoCloseable {
  private static final Duration LOADING = Duration.ofSeconds(60);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Duration bound;
  private final ChromeDriver driver;
  private final List<String> requests = new ArrayList<>();
  private final List<String> complaints = new ArrayList<>();

  /** One whose waits take at most so long. */
  Browser(Duration bound) {
    this.bound = bound;
    driver =
        new ChromeDriver(
            new ChromeDriverService.Builder()
                .usingDriverExecutable(program("chromedriver"))
                .usingAnyFreePort()
                .build(),
            options());
    driver.manage().timeouts().pageLoadTimeout(LOADING);
  }

  private static ChromeOptions options() {
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    logs.enable(LogType.PERFORMANCE, Level.ALL);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(program("chromium"));
    options.setCapability("goog:loggingPrefs", logs);
    // Without its own sandbox: tests run as root in containers, and look at this project's page.
    return options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--hide-scrollbars",
        "--lang=en");
  }

  private static File program(String name) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .map(folder -> new File(folder, name))
        .filter(File::canExecute)
        .findFirst()
        .orElseThrow(
            () ->
                new AssertionError(
                    "no %s on PATH: `make test` installs it; by hand: apt-get install chromium chromium-driver"
                        .formatted(name)));
  }

  /** How a person looks at it. */
  record Look(int width, int height, boolean dark) {
    static final Look DESK = new Look(1360, 900, false);
    static final Look DESK_AT_NIGHT = new Look(1360, 900, true);
    static final Look PHONE = new Look(390, 844, false);
  }

  void as(Look look) {
    driver.manage().window().setSize(new Dimension(look.width(), look.height()));
    emulate(
        "Emulation.setDeviceMetricsOverride",
        Map.of(
            "width",
            look.width(),
            "height",
            look.height(),
            "deviceScaleFactor",
            1,
            "mobile",
            look.width() < 600));
    emulate(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(
                Map.of("name", "prefers-color-scheme", "value", look.dark() ? "dark" : "light"),
                Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
  }

  private void emulate(String command, Map<String, Object> arguments) {
    driver.executeCdpCommand(command, arguments);
  }

  void open(URI page) {
    driver.get("about:blank");
    driver.get(page.toString());
  }

  String title() {
    return String.valueOf(driver.getTitle());
  }

  /** The visible text of the page. */
  String text() {
    return driver.findElement(By.tagName("body")).getText();
  }

  WebElement find(String css) {
    return await("an element " + css, () -> Optional.of(driver.findElement(By.cssSelector(css))));
  }

  List<WebElement> all(String css) {
    return driver.findElements(By.cssSelector(css));
  }

  void awaitText(String text) {
    awaitThat("the text '%s'".formatted(text), () -> text().contains(text));
  }

  /** Waits until something is so, however often the page is drawn meanwhile. */
  void awaitThat(String what, BooleanSupplier question) {
    await(what, () -> question.getAsBoolean() ? Optional.of(true) : Optional.empty());
  }

  private <T> T await(String what, Supplier<Optional<T>> question) {
    try {
      return Await.until(what, bound, () -> unlessRedrawn(question));
    } catch (AssertionError e) {
      throw new AssertionError("%s on the page:%n%s".formatted(e.getMessage(), text()), e);
    }
  }

  private static <T> Optional<T> unlessRedrawn(Supplier<Optional<T>> question) {
    try {
      return question.get();
    } catch (NoSuchElementException | StaleElementReferenceException redrawn) {
      return Optional.empty();
    }
  }

  void press(CharSequence... keys) {
    new Actions(driver).sendKeys(keys).perform();
  }

  void tab() {
    press(Keys.TAB);
  }

  WebElement focused() {
    return driver.switchTo().activeElement();
  }

  /** An attribute as it stands in the page; "null" without one. */
  static String attribute(WebElement element, String name) {
    return String.valueOf(element.getDomAttribute(name));
  }

  void hover(WebElement element) {
    new Actions(driver).moveToElement(element).perform();
  }

  private Object run(String script) {
    return Objects.requireNonNull(driver.executeScript(script), script);
  }

  /** All of the page, as long as it is. */
  void photograph(Path file) {
    Map<String, Object> image =
        driver.executeCdpCommand(
            "Page.captureScreenshot",
            Map.of("format", "png", "captureBeyondViewport", true, "clip", wholePage()));
    try {
      Files.createDirectories(file.getParent());
      Files.write(file, Base64.getDecoder().decode((String) image.get("data")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<String, Object> wholePage() {
    Number width = (Number) run("return document.documentElement.clientWidth");
    Number height =
        (Number) run("return Math.max(innerHeight, document.documentElement.scrollHeight)");
    return Map.of("x", 0, "y", 0, "width", width, "height", height, "scale", 1);
  }

  /** Whether something is wider than the screen. */
  boolean scrollsSideways() {
    return Boolean.TRUE.equals(
        run("return document.documentElement.scrollWidth > document.documentElement.clientWidth"));
  }

  /** What the page wrote to the console, and resources that could not be had. */
  List<String> complaints() {
    for (LogEntry entry : driver.manage().logs().get(LogType.BROWSER)) {
      complaints.add(entry.getLevel() + " " + entry.getMessage());
    }
    return complaints;
  }

  /** The hosts that were asked for anything, as {@code host:port}. */
  List<String> hosts() {
    for (LogEntry entry : driver.manage().logs().get(LogType.PERFORMANCE)) {
      JsonNode message = message(entry);
      if (message.path("method").asText().equals("Network.requestWillBeSent")) {
        requests.add(message.at("/params/request/url").asText());
      }
    }
    return requests.stream()
        .filter(url -> !url.startsWith("data:") && !url.startsWith("about:"))
        .map(url -> URI.create(url).getAuthority())
        .distinct()
        .toList();
  }

  private static JsonNode message(LogEntry entry) {
    try {
      return JSON.readTree(entry.getMessage()).path("message");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    driver.quit();
  }
}
