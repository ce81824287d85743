// Every case of shipped functions and values, as plain CommonJS.
import { testEnvironment } from "../matrix/as-tests.js";

testEnvironment("plain CJS");
