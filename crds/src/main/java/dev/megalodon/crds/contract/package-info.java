/**
 * What the operator and the worker agree on beside the custom resource: environment variables,
 * paths, ports, exit codes and the progress record. Depends on the JDK alone.
 */
@NullMarked
package dev.megalodon.crds.contract;

import org.jspecify.annotations.NullMarked;
