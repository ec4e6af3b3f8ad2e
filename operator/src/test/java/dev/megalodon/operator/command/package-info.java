/** The check of an installation, against a real API server. */
@NullMarked
package dev.megalodon.operator.command;

import org.jspecify.annotations.NullMarked;
