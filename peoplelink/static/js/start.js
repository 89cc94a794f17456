// Starts the Design System's own behaviours (error summary focus, character count, menu). Pages work without it.
import { initAll } from "../vendor/govuk-frontend.min.js";

initAll();
