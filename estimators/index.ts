/**
 * The registry of estimators, in the order of a textbook, and of the combinators that wrap them.
 *
 * To add one: write its file, `estimators/NAME.ts` with the estimator as default export (read estimator.ts first, then
 * reinforce.ts as an example), import it here and add it to the list. The tests of the registry then measure its claims.
 */
import annealedSt from "./annealed-st.ts";
import arm from "./arm.ts";
import arms from "./arms.ts";
import ars from "./ars.ts";
import arsm from "./arsm.ts";
import average from "./wrappers/average.ts";
import bitflip from "./bitflip.ts";
import carms from "./carms.ts";
import centre from "./wrappers/centre.ts";
import type { Combinator } from "./wrappers/wrapper.ts";
import darn from "./darn.ts";
import disarmIw from "./disarm-iw.ts";
import disarmTree from "./disarm-tree.ts";
import disarm from "./disarm.ts";
import doubleCv from "./double-cv.ts";
import type { Estimator } from "./estimator.ts";
import exact from "./exact.ts";
import go from "./go.ts";
import groupNormalised from "./group-normalised.ts";
import gs from "./gs.ts";
import gst from "./gst.ts";
import gumbelRao from "./gumbel-rao.ts";
import imle from "./imle.ts";
import localExpectation from "./local-expectation.ts";
import localDisarm from "./local-disarm.ts";
import mixed from "./wrappers/mixed.ts";
import muprop from "./muprop.ts";
import mvd from "./mvd.ts";
import normalise from "./wrappers/normalise.ts";
import normalisedSet from "./normalised-set.ts";
import nvil from "./nvil.ts";
import optimalBaseline from "./optimal-baseline.ts";
import ovis from "./ovis.ts";
import perturbed from "./perturbed.ts";
import rebar from "./rebar.ts";
import redge from "./redge.ts";
import reinforce from "./reinforce.ts";
import reinforceWor from "./reinforce-wor.ts";
import reinmax from "./reinmax.ts";
import reinmaxCv from "./reinmax-cv.ts";
import reinmaxRao from "./reinmax-rao.ts";
import relax from "./relax.ts";
import rloo from "./rloo.ts";
import rws from "./rws.ts";
import rodeo from "./rodeo.ts";
import spigot from "./spigot.ts";
import stGs from "./st-gs.ts";
import st from "./st.ts";
import sumAndSample from "./sum-and-sample.ts";
import topk from "./wrappers/topk.ts";
import tvo from "./tvo.ts";
import ugc from "./ugc.ts";
import unorderedSet from "./unordered-set.ts";
import vimco from "./vimco.ts";
import zgr from "./zgr.ts";

export const estimators: readonly Estimator[] = [
  exact,
  localExpectation,
  reinforce,
  nvil,
  rloo,
  optimalBaseline,
  groupNormalised,
  vimco,
  ovis,
  rws,
  tvo,
  localDisarm,
  muprop,
  darn,
  st,
  annealedSt,
  gs,
  stGs,
  gumbelRao,
  zgr,
  gst,
  reinmax,
  reinmaxRao,
  reinmaxCv,
  redge,
  imle,
  perturbed,
  spigot,
  rebar,
  relax,
  arm,
  disarm,
  disarmTree,
  disarmIw,
  arms,
  ars,
  arsm,
  carms,
  unorderedSet,
  reinforceWor,
  normalisedSet,
  sumAndSample,
  doubleCv,
  rodeo,
  bitflip,
  ugc,
  go,
  mvd,
];

export const combinators: readonly Combinator[] = [average, centre, mixed, normalise, topk];
