// Every case of shipped functions and values, as TypeScript under tsx.
import { testEnvironment } from "../matrix/as-tests.js";

testEnvironment("tsx ESM");
