// Every case of shipped functions and values, as plain ES modules.
import { testEnvironment } from "../matrix/as-tests.js";

testEnvironment("plain ESM");
