import { prove } from "./every.ts";

prove(({ claims }) => claims.needs === "values");
